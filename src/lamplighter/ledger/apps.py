"""The room as Django sees it."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Names the app, so that its tables keep their names wherever the room stands."""

    name = "lamplighter.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"

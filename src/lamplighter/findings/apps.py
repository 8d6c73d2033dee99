"""The room as Django sees it."""

from django.apps import AppConfig


class FindingsConfig(AppConfig):
    """Names the app, so that its tables keep their names wherever the room stands."""

    name = "lamplighter.findings"
    label = "findings"
    default_auto_field = "django.db.models.BigAutoField"

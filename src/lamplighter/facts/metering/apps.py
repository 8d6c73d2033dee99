"""The room as Django sees it."""

from django.apps import AppConfig


class MeteringConfig(AppConfig):
    """Names the app, so that its tables keep their names wherever the room stands."""

    name = "lamplighter.facts.metering"
    label = "metering"
    default_auto_field = "django.db.models.BigAutoField"

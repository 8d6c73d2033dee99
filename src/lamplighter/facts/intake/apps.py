"""The room as Django sees it."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Names the app, so that its tables keep their names wherever the room stands."""

    name = "lamplighter.facts.intake"
    label = "intake"
    default_auto_field = "django.db.models.BigAutoField"

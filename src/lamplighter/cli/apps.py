"""The room as Django sees it."""

from django.apps import AppConfig


class CliConfig(AppConfig):
    """Names the app, so that its tables keep their names wherever the room stands."""

    name = "lamplighter.cli"
    label = "cli"
    default_auto_field = "django.db.models.BigAutoField"

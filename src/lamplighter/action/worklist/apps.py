"""The room as Django sees it."""

from django.apps import AppConfig


class WorklistConfig(AppConfig):
    """Names the app, so that its tables keep their names wherever the room stands."""

    name = "lamplighter.action.worklist"
    label = "worklist"
    default_auto_field = "django.db.models.BigAutoField"

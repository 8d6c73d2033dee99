"""The app as Django sees it."""

from django.apps import AppConfig


class ProgressConfig(AppConfig):
    """Names the app, so that its tables keep their names wherever the room stands."""

    name = "lamplighter.action.service.progress"
    label = "progress"
    default_auto_field = "django.db.models.BigAutoField"

"""The app as Django sees it."""

from django.apps import AppConfig


class WorkerConfig(AppConfig):
    """Names the app, so that its tables keep their names wherever the room stands."""

    name = "lamplighter.worker"
    label = "worker"
    default_auto_field = "django.db.models.BigAutoField"

"""The app as Django sees it."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """Names the app, so that its tables keep their names wherever the room stands."""

    name = "lamplighter.action.service.records"
    label = "records"
    default_auto_field = "django.db.models.BigAutoField"

"""The app as Django sees it."""

from django.apps import AppConfig


class OpenLineConfig(AppConfig):
    """Names the app, so that its tables keep their names wherever the room stands."""

    name = "lamplighter.action.service.openline"
    label = "openline"
    default_auto_field = "django.db.models.BigAutoField"

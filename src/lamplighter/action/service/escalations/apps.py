"""The app as Django sees it."""

from django.apps import AppConfig


class EscalationsConfig(AppConfig):
    """Names the app, so that its tables keep their names wherever the room stands."""

    name = "lamplighter.action.service.escalations"
    label = "escalations"
    default_auto_field = "django.db.models.BigAutoField"

"""The app as Django sees it."""

from django.apps import AppConfig


class DemandConfig(AppConfig):
    """Names the app, so that its tables keep their names wherever the room stands."""

    name = "lamplighter.findings.demand"
    label = "demand"
    default_auto_field = "django.db.models.BigAutoField"

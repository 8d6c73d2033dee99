"""The app as Django sees it."""

from django.apps import AppConfig


class ContestsConfig(AppConfig):
    """Names the app, so that its tables keep their names wherever the room stands."""

    name = "lamplighter.findings.contests"
    label = "contests"
    default_auto_field = "django.db.models.BigAutoField"

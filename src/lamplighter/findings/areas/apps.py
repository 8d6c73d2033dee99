"""The app as Django sees it."""

from django.apps import AppConfig


class AreaFindingsConfig(AppConfig):
    """Names the app, so that its tables keep their names wherever the room stands."""

    name = "lamplighter.findings.areas"
    label = "area_findings"
    default_auto_field = "django.db.models.BigAutoField"

"""The outages as an app of Django."""

from django.apps import AppConfig


class OutagesConfig(AppConfig):
    """Tables of the outages."""

    name = "lamplighter.action.outages"
    label = "outages"
    default_auto_field = "django.db.models.BigAutoField"

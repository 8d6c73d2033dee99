"""The room as Django sees it."""

from django.apps import AppConfig


class NetworkConfig(AppConfig):
    """Names the app, so that its tables keep their names wherever the room stands."""

    name = "lamplighter.facts.network"
    label = "network"
    default_auto_field = "django.db.models.BigAutoField"

"""The app as Django sees it."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Names the app, so that its tables keep their names wherever the room stands."""

    name = "lamplighter.gateway.webhooks"
    label = "webhooks"
    default_auto_field = "django.db.models.BigAutoField"

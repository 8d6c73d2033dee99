"""The app as Django sees it."""

from django.apps import AppConfig


class AttachmentsConfig(AppConfig):
    """Names the app, so that its tables keep their names wherever the room stands."""

    name = "lamplighter.action.service.attachments"
    label = "attachments"
    default_auto_field = "django.db.models.BigAutoField"

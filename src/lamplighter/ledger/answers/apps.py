"""The app as Django sees it."""

from django.apps import AppConfig


class AnswersConfig(AppConfig):
    """Names the app, so that its tables keep their names wherever the room stands."""

    name = "lamplighter.ledger.answers"
    label = "answers"
    default_auto_field = "django.db.models.BigAutoField"

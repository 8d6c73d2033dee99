"""The app as Django sees it."""

from django.apps import AppConfig


class TokensConfig(AppConfig):
    """Names the app, so that its tables keep their names wherever the room stands."""

    name = "lamplighter.facts.network.tokens"
    label = "tokens"
    default_auto_field = "django.db.models.BigAutoField"

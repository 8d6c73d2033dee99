"""The frame as an installed application."""

from django.apps import AppConfig


class FrameConfig(AppConfig):
    """Templates, tags, catalogues and the built front end."""

    name = "lamplighter.web.frame"
    label = "frame"

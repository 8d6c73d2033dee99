"""Addresses of the agent's console."""

from django.urls import path

from lamplighter.web.console import views

app_name = "console"
urlpatterns = [
    path("", views.console, name="console"),
    path("known/", views.more, name="known"),
    path("areas/", views.areas, name="areas"),
    path("read/", views.read, name="read"),
    path("answers/", views.answer, name="answers"),
    path("past/", views.past_orders, name="past"),
    path("open/", views.open_order, name="open"),
]

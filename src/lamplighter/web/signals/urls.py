"""Addresses of changes in use."""

from django.urls import path

from lamplighter.web.signals import views

app_name = "signals"
urlpatterns = [path("", views.every, name="list")]

"""Addresses of what customers ask for."""

from django.urls import path

from lamplighter.web.demand import views

app_name = "demand"
urlpatterns = [
    path("", views.every, name="list"),
    path("read/", views.read, name="read"),
]

"""Addresses of what customers ask for."""

from django.urls import path

from lamplighter.web.demand import told, views

app_name = "demand"
urlpatterns = [
    path("", views.every, name="list"),
    path("orders/", views.behind, name="orders"),
    path("words/", told.every, name="words"),
    path("read/", told.read, name="read"),
]

"""Addresses of the results."""

from django.urls import path

from lamplighter.web.proof import views

app_name = "proof"
urlpatterns = [path("", views.month, name="month")]

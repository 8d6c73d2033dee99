"""Addresses of the arrears ahead."""

from django.urls import path

from lamplighter.web.arrears import views

app_name = "arrears"
urlpatterns = [path("", views.every, name="list")]

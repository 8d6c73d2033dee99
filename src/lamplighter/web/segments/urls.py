"""Addresses of the segments."""

from django.urls import path

from lamplighter.web.segments import views

app_name = "segments"
urlpatterns = [
    path("", views.every, name="list"),
    path("<str:code>/", views.one, name="segment"),
]

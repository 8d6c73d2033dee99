"""Addresses of the imports."""

from django.urls import path

from lamplighter.web.imports import views

app_name = "imports"
urlpatterns = [
    path("", views.deliveries, name="list"),
    path("upload/", views.upload, name="upload"),
    path("<int:delivery_id>/", views.delivery, name="delivery"),
    path("<int:delivery_id>/quarantine/", views.quarantine, name="quarantine"),
]

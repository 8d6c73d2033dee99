"""Addresses of station areas."""

from django.urls import path

from lamplighter.web.areas import views

app_name = "areas"
urlpatterns = [
    path("", views.every, name="list"),
    path("<str:code>/", views.area, name="area"),
]

"""Addresses of a person's own steps."""

from django.urls import path

from lamplighter.web.steps import acting, views

app_name = "steps"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("<slug:number>/<slug:action>/", acting.act, name="act"),
]

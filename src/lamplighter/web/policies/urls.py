"""Addresses of the rules."""

from django.urls import path

from lamplighter.web.policies import views

app_name = "policies"
urlpatterns = [
    path("", views.every, name="list"),
    path("<slug:name>/", views.policy, name="policy"),
    path("<slug:name>/approve/", views.approve, name="approve"),
]

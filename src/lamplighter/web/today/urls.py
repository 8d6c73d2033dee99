"""Addresses of today's work."""

from django.urls import path

from lamplighter.web.today import said, views

app_name = "today"
urlpatterns = [
    path("", views.day, name="day"),
    path("outcome/<int:item_id>/", views.outcome, name="outcome"),
    path("said/<int:item_id>/", said.said, name="said"),
    path("visit/<int:item_id>/", said.visit, name="visit"),
]

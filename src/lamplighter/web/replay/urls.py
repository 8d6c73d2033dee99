"""Addresses of the replays."""

from django.urls import path

from lamplighter.web.replay import views

app_name = "replay"
urlpatterns = [
    path("", views.every, name="list"),
    path("night/", views.start_night, name="start_night"),
    path("rules/", views.start_rules, name="start_rules"),
    path("<int:replay_id>/", views.one, name="one"),
    path("<int:replay_id>/go-on/", views.go_on, name="go_on"),
    path("<int:replay_id>/account/<str:number>/", views.account, name="account"),
]

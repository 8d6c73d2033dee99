"""Addresses of a customer's own page, and of giving its link away."""

from django.urls import path

from lamplighter.web.progress import giving, views

app_name = "progress"
urlpatterns = [
    path("give/<slug:number>/", giving.give, name="give"),
    path("end/<slug:number>/", giving.end, name="end"),
    path("<str:token>/", views.show, name="show"),
    path("<str:token>/<slug:action>/", views.say, name="say"),
]

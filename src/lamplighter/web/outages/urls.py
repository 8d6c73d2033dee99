"""Addresses of the outages."""

from django.urls import path

from lamplighter.web.outages import views, writing

app_name = "outages"
urlpatterns = [
    path("", views.board, name="board"),
    path("new/", writing.new, name="new"),
    path("areas/", writing.areas, name="areas"),
    path("<slug:number>/", views.one, name="outage"),
    path("<slug:number>/change/", writing.change, name="change"),
    path("<slug:number>/end/", writing.end, name="end"),
    path("<slug:number>/call-off/", writing.call_off, name="call-off"),
]

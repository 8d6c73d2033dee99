"""Addresses of what customers said."""

from django.urls import path

from lamplighter.web.voices import views

app_name = "voices"
urlpatterns = [
    path("", views.said, name="list"),
    path("<slug:number>/<int:answer_id>/reply/", views.reply, name="reply"),
]

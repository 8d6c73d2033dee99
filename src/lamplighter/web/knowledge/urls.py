"""Addresses of the knowledge base."""

from django.urls import path

from lamplighter.web.knowledge import views

app_name = "knowledge"
urlpatterns = [
    path("", views.every, name="list"),
    path("new/", views.new, name="new"),
    path("<str:code>/", views.article, name="article"),
    path("<str:code>/publish/", views.publish, name="publish"),
    path("<str:code>/withdraw/", views.withdraw, name="withdraw"),
]

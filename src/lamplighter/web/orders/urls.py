"""Addresses of service orders."""

from django.urls import path

from lamplighter.web.orders import acting, filling, one, views

app_name = "orders"
urlpatterns = [
    path("", views.every, name="list"),
    path("<slug:number>/", one.order, name="order"),
    path("<slug:number>/words/", acting.words, name="words"),
    path("<slug:number>/files/<int:attachment_id>/", filling.file, name="file"),
    path("<slug:number>/<slug:action>/", acting.act, name="act"),
]

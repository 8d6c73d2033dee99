"""Addresses of staff and areas."""

from django.urls import path

from lamplighter.web.staff import views

app_name = "staff"
urlpatterns = [
    path("", views.everybody, name="list"),
    path("areas/", views.areas, name="areas"),
    path("hand-over/", views.hand_over, name="hand-over"),
]

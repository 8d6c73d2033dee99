"""Addresses of the door."""

from django.urls import path

from lamplighter.web.door import views

app_name = "door"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/code/", views.second_step, name="second-step"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("security/", views.security, name="security"),
    path("security/off/", views.security_off, name="security-off"),
]

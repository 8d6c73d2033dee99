"""Addresses of a customer's page."""

from django.urls import path

from lamplighter.web.customers import views

app_name = "customers"
urlpatterns = [
    path("unmask/", views.unmask, name="unmask"),
    path("<path:account_number>/explanation/", views.explanation, name="explanation"),
    path("<path:account_number>/", views.account, name="account"),
]

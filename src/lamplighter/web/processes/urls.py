"""Addresses of the catalogue of processes."""

from django.urls import path

from lamplighter.web.processes import views

app_name = "processes"
urlpatterns = [
    path("", views.catalogue_page, name="list"),
    path("<slug:code>/", views.process_page, name="process"),
    path("<slug:code>/<slug:valid_from>.bpmn", views.file, name="file"),
]

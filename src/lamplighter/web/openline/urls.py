"""Address of the open line, for anybody."""

from django.urls import path

from lamplighter.web.openline import views

app_name = "openline"
urlpatterns = [path("", views.report, name="report")]

"""Addresses of contests and of proposed grades D."""

from django.urls import path

from lamplighter.web.contests import reviews, views

app_name = "contests"
urlpatterns = [
    path("", views.every, name="list"),
    path("new/", views.new, name="new"),
    path("grade-d/", reviews.proposals, name="proposals"),
    path("grade-d/<int:account_id>/", reviews.review, name="review"),
    path("<int:contest_id>/", views.contest, name="contest"),
    path("<int:contest_id>/end/", views.end, name="end"),
    path("<int:contest_id>/fact/", views.fact, name="fact"),
]

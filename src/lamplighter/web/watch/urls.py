"""Addresses of the supervisor's desk."""

from django.urls import path

from lamplighter.web.watch import chasing, escalated, failing, incidents, kept, staffing, views

app_name = "watch"
urlpatterns = [
    path("", views.ahead, name="ahead"),
    path("due/", views.due, name="due"),
    path("chase/<slug:number>/", views.chase, name="chase"),
    path("chases/", chasing.chases, name="chases"),
    path("escalated/", escalated.escalated, name="escalated"),
    path(
        "escalated/<slug:number>/<int:level>/take/",
        escalated.answer,
        {"action": "take"},
        name="take",
    ),
    path(
        "escalated/<slug:number>/<int:level>/settle/",
        escalated.answer,
        {"action": "settle"},
        name="settle",
    ),
    path("kept/", kept.shares, name="kept"),
    path("kept/orders/", kept.orders, name="orders"),
    path("people/", staffing.people, name="people"),
    path("people/away/", staffing.away, name="away"),
    path("failures/", failing.failures, name="failures"),
    path("failures/note/", failing.note, name="note"),
    path("failures/<slug:number>/<int:failure_id>/", failing.weigh, name="weigh"),
    path("incidents/", incidents.incidents, name="incidents"),
    path("incidents/<slug:number>/close/", incidents.close, name="close_incident"),
]

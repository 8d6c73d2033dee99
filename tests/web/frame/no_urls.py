"""A project with no addresses."""

urlpatterns: list[object] = []

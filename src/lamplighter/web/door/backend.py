"""Who a session belongs to, read together with their post and unit: once a request."""

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User


class StaffBackend(ModelBackend):
    """Signs people in by their password; who they are comes with where they work."""

    def get_user(self, user_id: int) -> User | None:
        """Return the person of a session, or None where they may no longer sign in. One query."""
        people = User.objects.select_related("staff__org_unit").order_by("pk")
        user = people.filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None

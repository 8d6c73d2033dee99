"""Which jobs are due, and who is at them."""

from django.db import models
from django.db.models import Q


class Job(models.Model):
    """One job that is done again and again, by one worker at a time."""

    name = models.CharField(max_length=40, unique=True)
    next_at = models.DateTimeField()
    holder = models.CharField(max_length=80)  # empty: nobody is at it
    held_until_at = models.DateTimeField(null=True)  # then it is free, whatever became of them
    done_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=80)  # the kind of the last run's failure; empty: none

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="job_held_until_a_moment",
                condition=Q(holder="", held_until_at__isnull=True)
                | (~Q(holder="") & Q(held_until_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.name

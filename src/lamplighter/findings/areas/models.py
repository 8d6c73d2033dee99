"""What the newest night sums up over the accounts of each station area."""

from django.db import models
from django.db.models import F, Q


class AreaFinding(models.Model):
    """One station area after the newest finished night.

    Accounts and what they owe are as that night found them, what was billed and received as it
    stood when they were summed up. All rows are of one night, written together once it has ended.
    """

    area = models.OneToOneField("network.Area", models.CASCADE, primary_key=True, related_name="+")
    night = models.ForeignKey("findings.Night", models.PROTECT, related_name="+")
    n_accounts = models.IntegerField()
    n_owing = models.IntegerField()
    due_cny = models.DecimalField(max_digits=16, decimal_places=2)
    overdue_cny = models.DecimalField(max_digits=16, decimal_places=2)
    billed_cny = models.DecimalField(max_digits=16, decimal_places=2)  # in the night's month
    received_cny = models.DecimalField(max_digits=16, decimal_places=2)  # for those bills

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="area_finding_counts_agree",
                condition=Q(n_owing__gte=0) & Q(n_accounts__gte=F("n_owing")),
            ),
            models.CheckConstraint(
                name="area_finding_receives_what_was_billed",
                condition=Q(received_cny__gte=0) & Q(billed_cny__gte=F("received_cny")),
            ),
        ]

    def __str__(self) -> str:
        return f"area {self.area_id} of night {self.night_id}"


class AreaMonth(models.Model):
    """How a month's bills came in at one station area up to a day of the newest night.

    There are two months: the night's own up to its day, and the one before up to the same day.
    Areas in which nothing was billed, paid or sent are absent.
    """

    area = models.ForeignKey("network.Area", models.CASCADE, related_name="+")
    month_day = models.DateField()  # its first
    until_day = models.DateField()  # the last day counted
    n_billed = models.IntegerField()  # accounts
    billed_cny = models.DecimalField(max_digits=16, decimal_places=2)
    received_cny = models.DecimalField(max_digits=16, decimal_places=2)  # for those bills
    n_reminders = models.IntegerField()
    paid_cny = models.DecimalField(max_digits=16, decimal_places=2)  # below zero: paid back

    class Meta:
        constraints = [
            models.UniqueConstraint(name="area_month_once", fields=["area", "month_day"]),
            models.CheckConstraint(
                name="area_month_counts_agree",
                condition=Q(n_billed__gte=0) & Q(n_reminders__gte=0),
            ),
            models.CheckConstraint(
                name="area_month_receives_what_was_billed",
                condition=Q(received_cny__gte=0) & Q(billed_cny__gte=F("received_cny")),
            ),
            models.CheckConstraint(
                name="area_month_ends_after_it_begins",
                condition=Q(until_day__gte=F("month_day")),
            ),
        ]

    def __str__(self) -> str:
        return f"area {self.area_id} {self.month_day:%Y-%m} until {self.until_day}"

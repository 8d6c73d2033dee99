"""The command of the night sums up what it found by station area."""

from decimal import Decimal
from io import StringIO

from django.core.management import call_command
from django.db.models import Count, Sum

from lamplighter.facts.network.models import Area
from lamplighter.findings.areas.models import AreaFinding, AreaMonth
from lamplighter.findings.models import AccountFinding
from tests.stations import KNOWN, LAST_DAY


def test_every_area_is_summed_up_once_the_night_has_ended(station, settings, learnt_folder):
    settings.LAKE_FOLDER = station.places.lake_folder
    settings.RESULTS_FOLDER = station.places.results_folder
    settings.LEARNT_FOLDER = learnt_folder
    said = StringIO()

    call_command(
        *("nightly", "--as-of", LAST_DAY.isoformat(), "--known-at", KNOWN.isoformat()), stdout=said
    )

    kept = AreaFinding.objects.aggregate(
        n=Sum("n_accounts"), due_cny=Sum("due_cny"), overdue_cny=Sum("overdue_cny")
    )
    found = AccountFinding.objects.filter(area__isnull=False)
    owing = found.filter(balance_due_cny__gt=0).aggregate(sum_cny=Sum("balance_due_cny"))
    everything = found.aggregate(n=Count("pk"), overdue_cny=Sum("overdue_cny"))
    assert AreaFinding.objects.count() == Area.objects.count() > 0
    assert kept["n"] == everything["n"] > 0
    assert kept["due_cny"] == owing["sum_cny"] > Decimal(0)
    assert kept["overdue_cny"] == everything["overdue_cny"]
    assert AreaMonth.objects.filter(until_day=LAST_DAY, billed_cny__gt=0).exists()
    assert f"{Area.objects.count()} station areas summed up" in said.getvalue()

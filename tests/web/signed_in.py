"""A browser of a signed-in person, and a county beside another one."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client

from lamplighter.facts.network.models import Area, Staff
from tests import factories
from tests.factories import TODAY

BACKEND = "lamplighter.web.door.backend.StaffBackend"


def client_of(staff: Staff, *, language: str = "en") -> Client:
    """Return a browser in which this person is signed in."""
    user = get_user_model().objects.create(username=staff.number)
    staff.user = user
    staff.save(update_fields=["user"])
    client = Client(headers={"accept-language": language})
    client.force_login(user, backend=BACKEND)
    return client


@dataclass(frozen=True)
class Street:
    """One area with its manager and head, and a manager and a branch who see none of it."""

    area: Area
    manager: Staff
    head: Staff
    stranger: Staff
    other_branch: Staff
    other_area: Area


def street() -> Street:
    """Build the people of two stations."""
    here, there = factories.make_station(), factories.make_station()
    manager = factories.make_staff(station=here)
    stranger = factories.make_staff(station=here)
    return Street(
        area=factories.make_area(station=here, staff=manager),
        manager=manager,
        head=factories.make_staff(station=here, post="STATION_HEAD"),
        stranger=stranger,
        other_branch=factories.make_staff(station=there, post="BRANCH"),
        other_area=factories.make_area(station=here, staff=stranger),
    )


def household(where: Street, *, night: Any, **finding: Any) -> Any:
    """Build an account with a bill, a part payment and what the night found of it."""
    account = factories.make_account(area=where.area)
    for months, paid in ((0, "40.00"), (1, "90.00")):
        day = TODAY - timedelta(3 + 31 * months)
        factories.make_bill(account=account, issued_date=day, amount_cny="100.00")
        factories.make_payment(
            account=account, paid_at=factories.at(day + timedelta(1)), amount_cny=paid
        )
    factories.make_finding(account=account, area=where.area, night=night, **finding)
    return account

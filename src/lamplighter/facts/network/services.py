"""Changing who answers for an area, and who may sign in as whom."""

from datetime import date, datetime

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django_otp.plugins.otp_totp.models import TOTPDevice
from psycopg.types.range import DateRange

from lamplighter.facts.network.models import Area, Responsibility, Staff
from lamplighter.ledger import services as ledger


class StaffUnknown(LookupError):
    """There is no such person on the staff."""


class AreaUnknown(LookupError):
    """There is no such station area."""


class UserUnknown(LookupError):
    """There is no such user."""


class LoginTaken(Exception):
    """This user already signs in as somebody else."""


class AlreadyResponsible(Exception):
    """The person answers for the area on that day already."""


class LaterSpanStands(Exception):
    """Somebody answers for the area from a later day on; that span has to be dealt with first."""


def hand_over(*, area_id: int, staff_id: int, from_day: date, actor: str, now: datetime) -> int:
    """Let a person answer for an area from a day on, and return the new span's number.

    The span that stands on that day ends with the day before; one that would begin on that very
    day is replaced.

    Raises
    ------
    AreaUnknown, StaffUnknown
        There is no such area or person.
    AlreadyResponsible
        The person answers for the area on that day already.
    LaterSpanStands
        A span that begins later would overlap.
    """
    try:
        with transaction.atomic(durable=True):
            area = Area.objects.select_for_update().filter(pk=area_id).order_by("pk").first()
            if area is None:
                raise AreaUnknown(str(area_id))
            if not Staff.objects.filter(pk=staff_id).exists():
                raise StaffUnknown(str(staff_id))
            before = _close(area_id=area_id, staff_id=staff_id, from_day=from_day)
            span = Responsibility.objects.create(
                area_id=area_id,
                staff_id=staff_id,
                days=DateRange(from_day, None),
                recorded_at=now,
                recorded_by=actor,
            )
            ledger.record(
                "network.responsibility.handed_over",
                subject=f"area:{area_id}",
                actor=actor,
                at=now,
                staff_id=staff_id,
                before_staff_id=before,
                from_day=from_day.isoformat(),
            )
    except IntegrityError as error:
        if ledger.violates(error, "responsibility_one_person_a_day"):
            raise LaterSpanStands(f"area {area_id} after {from_day}") from error
        raise
    return span.pk


def _close(*, area_id: int, staff_id: int, from_day: date) -> int | None:
    """End the span that holds *from_day*, and return whose it was."""
    spans = Responsibility.objects.select_for_update().filter(area_id=area_id)
    standing = spans.filter(days__contains=from_day).order_by("pk").first()
    if standing is None:
        return None
    if standing.staff_id == staff_id:
        raise AlreadyResponsible(f"staff {staff_id}, area {area_id}, {from_day}")
    if standing.days.lower == from_day:
        standing.delete()
    else:
        standing.days = DateRange(standing.days.lower, from_day)
        standing.save(update_fields=["days"])
    return standing.staff_id


def give_login(*, staff_id: int, user_id: int, actor: str, now: datetime) -> None:
    """Let a user sign in as a person of the staff.

    Raises
    ------
    StaffUnknown, UserUnknown
        There is no such person or user.
    LoginTaken
        The user signs in as somebody else.
    """
    try:
        with transaction.atomic(durable=True):
            if not get_user_model().objects.filter(pk=user_id).exists():
                raise UserUnknown(str(user_id))
            if not Staff.objects.filter(pk=staff_id).update(user_id=user_id):
                raise StaffUnknown(str(staff_id))
            ledger.record(
                "network.staff.login_given",
                subject=f"staff:{staff_id}",
                actor=actor,
                at=now,
                user_id=user_id,
            )
    except IntegrityError as error:
        if ledger.violates(error, "network_staff_user_id_key"):
            raise LoginTaken(f"user {user_id}") from error
        raise


def make_login(
    *,
    staff_number: str,
    password: str,
    actor: str,
    now: datetime,
    forgets_second_step: bool = False,
) -> None:
    """Let a person of the staff sign in with their number and a new password.

    Where their second step is forgotten, as for somebody whose telephone is lost, no code is asked
    for until they switch it on again.

    Raises
    ------
    StaffUnknown
        Nobody of the staff has this number.
    LoginTaken
        The user of this name signs in as somebody else.
    """
    try:
        with transaction.atomic(durable=True):
            staff = Staff.objects.filter(number=staff_number).order_by("pk").first()
            if staff is None:
                raise StaffUnknown(staff_number)
            user, _created = get_user_model().objects.get_or_create(username=staff_number)
            user.set_password(password)
            user.save(update_fields=["password"])
            Staff.objects.filter(pk=staff.pk).update(user_id=user.pk)
            ledger.record(
                "network.staff.login_given",
                subject=f"staff:{staff.pk}",
                actor=actor,
                at=now,
                user_id=user.pk,
            )
            if forgets_second_step and TOTPDevice.objects.filter(user=user).delete()[0]:
                subject = f"staff:{staff_number}"
                ledger.record("door.totp.off", subject=subject, actor=actor, at=now)
    except IntegrityError as error:
        if ledger.violates(error, "network_staff_user_id_key"):
            raise LoginTaken(staff_number) from error
        raise

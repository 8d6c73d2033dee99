"""A person's own second step: begun, switched on, switched off."""

from datetime import datetime

from django.db import transaction
from django_otp.plugins.otp_totp.models import TOTPDevice

from lamplighter.kernel.viewer import Viewer
from lamplighter.ledger import services as ledger


def begin(*, user_id: int) -> TOTPDevice:
    """Return the device a person is setting up; the same one until it is switched on."""
    device, _created = TOTPDevice.objects.get_or_create(
        user_id=user_id, confirmed=False, defaults={"name": "authenticator"}
    )
    found: TOTPDevice = device
    return found


def switch_on(*, device: TOTPDevice, viewer: Viewer, now: datetime) -> None:
    """Ask for a code at each sign-in from now on."""
    with transaction.atomic():
        TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True)
        subject = f"staff:{viewer.staff_number}"
        ledger.record("door.totp.on", subject=subject, actor=viewer.actor, at=now)


def switch_off(*, user_id: int, viewer: Viewer, now: datetime) -> None:
    """Ask for no code any more."""
    with transaction.atomic():
        TOTPDevice.objects.filter(user_id=user_id).delete()
        subject = f"staff:{viewer.staff_number}"
        ledger.record("door.totp.off", subject=subject, actor=viewer.actor, at=now)

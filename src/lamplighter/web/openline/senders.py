"""From where a form came and when it was opened: enough to slow a machine, not to know who."""

import ipaddress
import uuid
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest

from lamplighter.kernel import sealing
from lamplighter.policy.loader import Policy

PURPOSE = "lamplighter.openline"
PREFIX_OF_A_HOME = 64  # bits of an IPv6 address that stay the same for one line


class FormTooQuick(Exception):
    """The form came back sooner than a person can fill it."""


class FormTooOld(Exception):
    """The form was opened too long ago, or not by us."""


def form_key() -> str:
    """Return a key of a fresh form, signed with the moment it was opened."""
    return signing.TimestampSigner(salt=PURPOSE).sign(uuid.uuid4().hex)


def request_key(*, form_key: str, policy: Policy) -> str:
    """Return the key of the request that a form makes, however often it is sent.

    Raises
    ------
    FormTooOld, FormTooQuick
        See there.
    """
    signer = signing.TimestampSigner(salt=PURPOSE)
    oldest = timedelta(hours=policy.integer("hours_at_most"))
    try:
        key = signer.unsign(form_key, max_age=oldest)
    except signing.BadSignature as error:
        raise FormTooOld from error
    try:
        signer.unsign(form_key, max_age=policy.integer("seconds_least"))
    except signing.SignatureExpired:
        return f"openline-{key}"
    raise FormTooQuick


def sender(*, request: HttpRequest) -> str:
    """Return the keyed hash of the address that a request came from.

    Behind our proxy it is the last that the proxy appended: what stands before, anybody may write.
    """
    said = request.META["REMOTE_ADDR"]
    if settings.IS_BEHIND_PROXY:
        said = request.META.get("HTTP_X_FORWARDED_FOR", said).rpartition(",")[2].strip()
    try:
        address = ipaddress.ip_address(said)
    except ValueError:
        return sealing.blind_index(said, settings.FIELD_KEY, PURPOSE)
    if address.version == 6:
        said = str(ipaddress.ip_network(f"{address}/{PREFIX_OF_A_HOME}", strict=False))
    return sealing.blind_index(said, settings.FIELD_KEY, PURPOSE)

"""The token of a link: signed, for this one purpose, with the order and the nonce inside."""

from django.conf import settings
from django.core import signing

from lamplighter.action.service.progress import links
from lamplighter.action.service.progress.errors import LinkUnknown
from lamplighter.action.service.progress.links import Holder
from lamplighter.kernel import sealing
from lamplighter.policy import loader
from lamplighter.policy.loader import Policy
from lamplighter.web import desk

PURPOSE = "lamplighter.progress"
LETTERS_AT_MOST = 400


def nonce_for(*, number: str, page_key: str) -> str:
    """Return a nonce nobody can guess; the same form sent twice gives the same one."""
    return sealing.blind_index(f"{number} {page_key}", settings.FIELD_KEY, PURPOSE)


def token(*, number: str, nonce: str) -> str:
    """Return what stands in the address."""
    return signing.Signer(salt=PURPOSE).sign_object([number, nonce])


def holder(*, token: str) -> Holder:
    """Return who comes with a token.

    Raises
    ------
    LinkUnknown
        We did not sign it, or not for this purpose.
    """
    if len(token) > LETTERS_AT_MOST:
        raise LinkUnknown
    try:
        number, nonce = signing.Signer(salt=PURPOSE).unsign_object(token)
    except signing.BadSignature as error:
        raise LinkUnknown from error
    return Holder(
        number=number,
        nonce=nonce,
        now=desk.now(),
        rules=desk.service_rules(),
        policy=policy(),
    )


def policy() -> Policy:
    """Return the rules of links in force today."""
    return loader.load(name=links.NAME, on=desk.today())

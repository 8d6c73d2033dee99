"""Signing what is sent, as the Standard Webhooks specification says (symmetric, version 1)."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """Return a new secret, as receivers know it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def secret_of(seed: str) -> str:
    """Return the secret of a seed that nobody can guess; the same seed gives the same one."""
    return PREFIX + base64.b64encode(hashlib.sha256(seed.encode()).digest()).decode()


def headers(*, secret: str, key: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the headers by which a receiver knows that a body is ours, and recent.

    The signature covers ``id.timestamp.body``.

    >>> from datetime import UTC
    >>> made = headers(
    ...     secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ...     key="msg_p5jXN8AQM9LWM0D4loKWxJek",
    ...     at=datetime.fromtimestamp(1614265330, UTC),
    ...     body=b'{"test": 2432232314}',
    ... )
    >>> made["webhook-signature"]
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='

    References
    ----------
    .. [1] Standard Webhooks, https://github.com/standard-webhooks/standard-webhooks
    """
    stamp = str(int(at.timestamp()))
    key_bytes = base64.b64decode(secret.removeprefix(PREFIX))
    signed = b".".join([key.encode(), stamp.encode(), body])
    digest = hmac.new(key_bytes, signed, hashlib.sha256).digest()
    return {
        "webhook-id": key,
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }

"""How events are chained."""

import hashlib
import json
from datetime import UTC

from lamplighter.ledger.models import Event

FIRST_HASH = "0" * 64


def hash_of(event: Event) -> str:
    """Return the SHA-256 of an event's content and of the hash before it."""
    content = {
        "name": event.name,
        "subject": event.subject,
        "actor": event.actor,
        "at": event.at.astimezone(UTC).isoformat(),
        "payload": event.payload,
        "previous": event.previous_hash,
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()

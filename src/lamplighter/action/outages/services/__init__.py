"""Writing outages: recording one, changing it, ending it, calling it off."""

from lamplighter.action.outages.services.changing import (
    Terms,
    call_off,
    change_outage,
    end_outage,
)
from lamplighter.action.outages.services.recording import Draft, record_outage

__all__ = ["Draft", "Terms", "call_off", "change_outage", "end_outage", "record_outage"]

"""What is said at the door: criticism, suggestions and regular visits become orders."""

from datetime import datetime

from lamplighter.action.service import services as service
from lamplighter.action.service.rules import Rules
from lamplighter.action.service.services.opening import WORDS_AT_MOST
from lamplighter.action.worklist.models import Item
from lamplighter.action.worklist.services.outcomes import ItemUnknown, NotYourItem
from lamplighter.facts.network import duties as network
from lamplighter.kernel.viewer import Viewer

KINDS = ("SUGGESTION", "COMPLAINT", "ARCHIVE_CORRECTION")
VISIT, CALL = "VISIT", "PHONE"
ROUND, REGULAR_VISIT = "ROUND_VISIT", "REGULAR_VISIT"  # the remedy, and its business


class KindUnknown(ValueError):
    """Nothing of this kind is noted at a door."""


def note_said(
    *,
    viewer: Viewer,
    item_id: int,
    type_code: str,
    words: str,
    now: datetime,
    rules: Rules,
    field_key: bytes,
    request_key: str,
) -> str:
    """Open an order of what the customer of a line said, and return its number.

    So it has an owner, a promise, and an end that the customer hears of. The same form sent twice
    opens one.

    Raises
    ------
    KindUnknown, ItemUnknown, NotYourItem
        See there.
    errors.ReasonMissing
        Too little is said.
    errors.NotAllowed, errors.PlaceUnknown
        As `service.open_order`.
    """
    if type_code not in KINDS:
        raise KindUnknown(type_code)
    said = rules.checked_reason(words, at_most=WORDS_AT_MOST)
    item = _own(viewer, item_id)
    return service.open_order(
        viewer=viewer,
        request=service.Request(
            type_code=type_code,
            channel=VISIT if item.is_visit else CALL,
            asked_at=now,
            account_number=item.account.number,
            words=said,
            request_key=f"door-{request_key}",
        ),
        now=now,
        rules=rules,
        field_key=field_key,
    ).number


def begin_visit(
    *, viewer: Viewer, item_id: int, now: datetime, rules: Rules, field_key: bytes
) -> str:
    """Open the order of a regular visit, whose first step has the visit's form; return its number.

    However often it is begun, a line has one.

    Raises
    ------
    KindUnknown
        The line is no regular visit.
    ItemUnknown, NotYourItem
        See there.
    errors.NotAllowed, errors.PlaceUnknown
        As `service.open_order`.
    """
    item = _own(viewer, item_id)
    if item.remedy != ROUND:
        raise KindUnknown(item.remedy)
    return service.open_order(
        viewer=viewer,
        request=service.Request(
            type_code=REGULAR_VISIT,
            channel=VISIT,
            asked_at=now,
            account_number=item.account.number,
            request_key=f"round-{item.pk}",
        ),
        now=now,
        rules=rules,
        field_key=field_key,
    ).number


def _own(viewer: Viewer, item_id: int) -> Item:
    item = Item.objects.filter(pk=item_id).select_related("account", "plan").order_by("pk").first()
    if item is None:
        raise ItemUnknown(str(item_id))
    if not network.may_act_for(viewer=viewer, staff_id=item.plan.staff_id):
        raise NotYourItem(str(item_id))
    return item

"""What customers said of their orders by their links; their words are for people alone."""

from datetime import datetime
from typing import Literal

from django.conf import settings
from ninja import Router, Schema

from lamplighter.action.service.errors import NotAllowed
from lamplighter.action.service.progress import links, voices
from lamplighter.api import paging
from lamplighter.api.door import ApiRequest
from lamplighter.policy import loader

router = Router(tags=["voices"])
OF = "voices"


class VoiceOut(Schema):
    """A rating, a yes or an objection."""

    id: int
    order_number: str
    type: str
    unit_name: str
    kind: str
    stars: int | None
    at: datetime
    reply_by_at: datetime
    replied_at: datetime | None
    follow_up_number: str


class Voices(paging.Paged):
    """A page of what customers said, the newest first."""

    items: list[VoiceOut]


@router.get("", response=Voices)
def said(
    request: ApiRequest,
    kind: Literal["RATED", "CONFIRMED", "OBJECTED"] | None = None,
    limit: paging.Limit = None,
    after: paging.After = "",
) -> Voices:
    """Return what was said of the orders you may see."""
    caller = request.auth
    policy = loader.load(name=links.NAME, on=caller.today)
    if caller.viewer.role not in policy.row("may_hear").value:
        raise NotAllowed(f"{caller.viewer.role} may_hear ({policy.version})")
    n_rows = paging.rows(limit, policy=caller.policy)
    found = voices.listed(
        listener=voices.Listener(
            viewer=caller.viewer,
            rules=caller.rules,
            policy=policy,
            now=caller.now,
            field_key=settings.FIELD_KEY,
        ),
        wanted=voices.Wanted(kind=kind or "", before_id=paging.place(of=OF, text=after)),
        limit=n_rows + 1,
    )
    shown = found[:n_rows]
    is_last = len(found) <= n_rows
    return Voices(
        items=[
            VoiceOut(
                id=one.answer_id,
                order_number=one.number,
                type=one.type_code,
                unit_name=one.unit_name,
                kind=one.kind,
                stars=one.stars,
                at=one.at,
                reply_by_at=one.reply_by_at,
                replied_at=one.replied_at,
                follow_up_number=one.follow_up_number,
            )
            for one in shown
        ],
        next=None if is_last else paging.cursor(of=OF, place=shown[-1].answer_id),
    )

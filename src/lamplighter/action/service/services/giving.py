"""Giving open steps to people, and an order to the one who answers for it."""

from collections.abc import Sequence
from datetime import datetime

from lamplighter.action.service.assigning import Assigner
from lamplighter.action.service.models import READY
from lamplighter.action.service.rules import Rules
from lamplighter.action.service.whole import Whole
from lamplighter.kernel.viewer import Viewer


def give(whole: Whole, *, unit_path: str, assigner: Assigner, at: datetime) -> None:
    """Give each step that can begin, and the order itself, to somebody where nobody has it.

    A step that nobody present may do keeps no owner; the sweep tries again.
    """
    order = whole.order
    groups = wanted(whole, rules=assigner.rules)
    assigner.gather(groups, unit_path=unit_path, area_id=order.area_id)
    if order.owner_id is None and order.closed_at is None:
        order.owner_id = assigner.choose(
            posts=assigner.rules.owner_posts(whole.process.function),
            unit_path=unit_path,
            area_id=order.area_id,
            turn=order.pk,
        )
    for step in whole.open_steps():
        if step.state == READY and step.owner_id is None:
            step.owner_id = assigner.choose(
                posts=assigner.rules.posts(step.post),
                unit_path=unit_path,
                area_id=order.area_id,
                but=whole.kept_from(step.code),
                turn=order.pk,
            )
            step.assigned_at = at if step.owner_id is not None else None


def keep(whole: Whole, *, viewer: Viewer, rules: Rules, at: datetime) -> None:
    """Leave the steps that can begin with whoever speaks with the customer, where they may."""
    for step in whole.open_steps():
        is_theirs = viewer.role in rules.posts(step.post)
        if (
            step.owner_id is None
            and is_theirs
            and viewer.staff_id not in whole.kept_from(step.code)
        ):
            step.owner_id, step.assigned_at = viewer.staff_id, at


def wanted(whole: Whole, *, rules: Rules) -> list[Sequence[str]]:
    """Return the groups of posts that an order and its open steps still look for."""
    owners = rules.owner_posts(whole.process.function) if whole.order.owner_id is None else ()
    posts = [rules.posts(step.post) for step in whole.open_steps() if step.owner_id is None]
    return [owners, *posts]

"""The papers of an order: what the forms of its steps hold, its files, and the days it may have."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from lamplighter.action.service.attachments import queries as attachments
from lamplighter.action.service.attachments.queries import AttachmentFound
from lamplighter.action.service.lines import OrderWhole
from lamplighter.action.service.records import queries as records
from lamplighter.action.service.rules import Rules
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy.processes import terms
from lamplighter.policy.processes.shapes import Process, Step
from lamplighter.policy.processes.terms import Used
from lamplighter.web.frame import step_forms
from lamplighter.web.frame.step_forms import FieldShown, Noted


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """What the cards of an order show of its forms."""

    number: str
    round: int
    values: dict[str, dict[str, str]]  # step → field → value, of the present round
    files: tuple[AttachmentFound, ...]
    written: Mapping[str, str]  # what was sent and refused
    used: Used | None  # of this year, where the process lets an account have so many days

    def form(self, step: Step) -> tuple[FieldShown, ...]:
        """Return the form of an open step."""
        is_refused = self.written.get("step") == step.code
        return step_forms.fields(
            step=step, written=self.written if is_refused else {}, files=self.files
        )

    def noted(self, step: Step) -> tuple[Noted, ...]:
        """Return what a step that is done holds."""
        values = self.values.get(step.code, {})
        return step_forms.noted(step=step, values=values, files=self.files, number=self.number)


def papers(
    *,
    whole: OrderWhole,
    process: Process,
    viewer: Viewer,
    rules: Rules,
    written: Mapping[str, str],
) -> Papers:
    """Return the papers of an order. Four queries, two more where days are counted.

    Only who works on the order, or may change it, reads what its forms hold.
    """
    line = whole.line
    owners = {step.owner_id for step in whole.steps}
    if viewer.staff_id not in owners and not rules.has_right(viewer, "may_change"):
        return Papers(
            number=line.number, round=whole.round, values={}, files=(), written={}, used=None
        )
    key = settings.FIELD_KEY
    found = records.of_order(viewer=viewer, rules=rules, number=line.number, field_key=key)
    files = attachments.of_order(viewer=viewer, rules=rules, number=line.number, field_key=key)
    return Papers(
        number=line.number,
        round=whole.round,
        values={code: one.values for (n, code), one in found.items() if n == whole.round},
        files=tuple(files),
        written=written,
        used=_used(whole, process, viewer=viewer, rules=rules),
    )


def _used(whole: OrderWhole, process: Process, *, viewer: Viewer, rules: Rules) -> Used | None:
    counted = [step for step in process.steps if step.term and step.term.times_a_year]
    if not counted or whole.line.closed_at is not None:
        return None
    (step,) = counted
    earlier = records.days_had(viewer=viewer, rules=rules, number=whole.line.number, step=step)
    return terms.used(earlier=earlier, year=rules.on.year)

"""The approval of the impact assessment, on its own page among the rules."""

from dataclasses import dataclass
from datetime import date

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from lamplighter.findings.contests import approvals, errors
from lamplighter.findings.contests.services import approvals as approving
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy import assessments, loader
from lamplighter.web.frame import formats


class ApprovalForm(forms.Form):
    """What was checked, and which version was read."""

    version = forms.CharField(max_length=40, widget=forms.HiddenInput)
    statement = forms.CharField(
        label=later("What you checked"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=later("Your name and the day are kept with it; neither can be changed."),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """How the assessment stands, as its page shows it."""

    version: str
    approved_by: str  # empty: nobody yet
    approved_day: date | None
    statement: str
    review_by: date
    is_out_of_date: bool
    form: ApprovalForm | None  # None: approved, out of date, or not this person's to approve
    url: str


def note(*, on: date) -> str:
    """Say what is missing of the impact assessment of automated decisions; empty: nothing."""
    stands = approvals.standing(on=on)
    if stands.assessment.is_out_of_date:
        day = formats.day_long(value=stands.assessment.review_by)
        return _(
            "The impact assessment of automated decisions was to be made again by %(day)s."
        ) % {"day": day}
    if not stands.is_approved:
        return _(
            "Nobody has approved the impact assessment of automated decisions yet; until then no "
            "grade D can be confirmed."
        )
    return ""


def approval(*, viewer: Viewer, on: date, refused: ApprovalForm | None) -> Approval:
    """Return how the assessment in force stands, with the form for who may approve it."""
    stands = approvals.standing(on=on)
    version = stands.assessment.version
    access = loader.load(name="access", on=on)
    may_approve = viewer.role in access.row("approve_assessment").value
    is_open = stands.approved_at is None and not stands.assessment.is_out_of_date
    fresh = ApprovalForm(initial={"version": version})
    return Approval(
        version=version,
        approved_by=stands.approved_by,
        approved_day=timezone.localtime(stands.approved_at).date() if stands.approved_at else None,
        statement=stands.statement,
        review_by=stands.assessment.review_by,
        is_out_of_date=stands.assessment.is_out_of_date,
        form=(refused or fresh) if may_approve and is_open else None,
        url=reverse("policies:approve", args=[assessments.NAME]),
    )


def approve(*, request: HttpRequest, viewer: Viewer, on: date) -> ApprovalForm | None:
    """Record what the form says; return the form with what is wrong of it, or None."""
    form = ApprovalForm(request.POST)
    if not form.is_valid():
        return form
    try:
        approving.approve(
            viewer=viewer,
            on=on,
            version=form.cleaned_data["version"],
            statement=form.cleaned_data["statement"],
            now=timezone.now(),
            access=loader.load(name="access", on=on),
            rules=loader.load(name="contests", on=on),
        )
    except errors.WordsMissing:
        form.add_error("statement", _("Please say in a sentence what you checked."))
    except (errors.VersionUnknown, errors.NotApproved):
        form.add_error(None, _("Another version is in force now; please read that one."))
    except errors.AlreadyApproved:
        form.add_error(None, _("Somebody has approved this version in the meantime."))
    return form if form.errors else None

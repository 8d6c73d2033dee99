"""Proposed grades D: a night proposes, a person decides."""

from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from lamplighter.facts.customers import lines as customers
from lamplighter.facts.customers.lines import DoorLine
from lamplighter.findings import queries as findings
from lamplighter.findings.contests import approvals, errors
from lamplighter.findings.contests import queries as contests
from lamplighter.findings.contests.queries import Proposal
from lamplighter.findings.contests.services import grade_d
from lamplighter.findings.queries import Finding
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy import loader
from lamplighter.web import desk
from lamplighter.web.contests import pages, views
from lamplighter.web.contests.forms import ReviewForm
from lamplighter.web.frame import lists

UNPAID = "UNPAID_AFTER_REMINDERS"


@never_cache
@require_GET
def proposals(request: HttpRequest) -> HttpResponse:
    """List the proposed grades D that nobody has looked at, the most owed first. 11 queries."""
    viewer = views.viewer_of(request)
    number = lists.page_number(request)
    return _render(request, viewer, number=number, refused=None, account_id=None)


@require_POST
def review(request: HttpRequest, account_id: int) -> HttpResponse:
    """Confirm or refuse one proposal, with reasons."""
    viewer = views.viewer_of(request)
    if viewer.role not in views.rules().row("review_grade_d").value:
        raise PermissionDenied("a supervisor or the head of the station decides")
    form = ReviewForm(request.POST, prefix=f"d{account_id}")
    if form.is_valid():
        fault = _reviewed(form, viewer=viewer, account_id=account_id)
        if not fault:
            messages.success(request, _("Your decision is kept; it counts from tonight on."))
            return redirect("contests:proposals")
        form.add_error(None, fault)
    return _render(request, viewer, number=1, refused=form, account_id=account_id)


def _reviewed(form: ReviewForm, *, viewer: Viewer, account_id: int) -> str:
    try:
        grade_d.review(
            viewer=viewer,
            on=desk.today(),
            account_id=account_id,
            verdict=form.cleaned_data["verdict"],
            reasons=form.cleaned_data["reasons"],
            now=timezone.now(),
            policy=views.rules(),
        )
    except errors.NotProposed as error:
        raise Http404 from error
    except errors.NotApproved:
        return _("First somebody has to approve the impact assessment of automated decisions.")
    except errors.WordsMissing:
        return _("Please give the reasons in a sentence.")
    except errors.AlreadyReviewed:
        return _("Somebody has decided about this proposal in the meantime.")
    return ""


def _render(
    request: HttpRequest,
    viewer: Viewer,
    *,
    number: int,
    refused: ReviewForm | None,
    account_id: int | None,
) -> HttpResponse:
    today, size = desk.today(), views.ROWS_A_PAGE
    may_review = viewer.role in views.rules().row("review_grade_d").value
    found, n_all = contests.proposals(
        viewer=viewer, on=today, policy=views.rules(), limit=size, offset=(number - 1) * size
    )
    ids = [one.account_id for one in found]
    doors = customers.lines_of(viewer=viewer, on=today, account_ids=ids)
    traces = findings.findings_of(viewer=viewer, on=today, account_ids=ids)
    lines = _lines(found, doors=doors, traces=traces, may_review=may_review)
    if refused is not None:
        lines = tuple(_with(line, refused) if line.account_id == account_id else line
                      for line in lines)  # fmt: skip
    path = reverse("contests:proposals")
    page = pages.ProposalsPage(
        summary=_summary(n_all) if refused is None or lines else _refusal(refused),
        lines=lines,
        pager=lists.pager(number=number, total=n_all, size=size, path=path, wanted={}),
        may_review=may_review,
        is_approved=approvals.standing(on=today).is_approved,
        list_url=reverse("contests:list"),
    )
    status = 200 if refused is None else 422
    return render(request, "contests/proposals.html", {"page": page}, status=status)


def _with(line: pages.ProposalLine, form: ReviewForm) -> pages.ProposalLine:
    values = {name: getattr(line, name) for name in line.__dataclass_fields__}
    return pages.ProposalLine(**values | {"form": form})


def _refusal(form: ReviewForm) -> str:
    return " ".join(str(error) for error in form.non_field_errors())


def _summary(n_all: int) -> str:
    if not n_all:
        return _("No grade D is proposed: there is nothing to decide.")
    text = ngettext(
        "For %(n)d account the rules propose grade D; only a person may give it.",
        "For %(n)d accounts the rules propose grade D; only a person may give it.",
        n_all,
    )
    return text % {"n": n_all}


def _lines(
    found: Sequence[Proposal],
    *,
    doors: dict[int, DoorLine],
    traces: dict[int, Finding],
    may_review: bool,
) -> tuple[pages.ProposalLine, ...]:
    return tuple(
        pages.ProposalLine(
            account_id=one.account_id,
            customer=doors[one.account_id].name or doors[one.account_id].account_number,
            url=reverse("customers:account", args=[doors[one.account_id].account_number]),
            where=doors[one.account_id].address,
            why=_why(traces.get(one.account_id)),
            since_day=one.since_day,
            due_cny=one.balance_due_cny,
            overdue_cny=one.overdue_cny,
            cause=traces[one.account_id].cause if one.account_id in traces else "",
            form=ReviewForm(prefix=f"d{one.account_id}") if may_review else None,
        )
        for one in found
        if one.account_id in doors
    )


def _why(finding: Finding | None) -> str:
    """Return the rule that proposes grade D, in the words of its policy."""
    steps = finding.grade_trace if finding else []
    step = next((step for step in steps if step["rule"] == UNPAID), None)
    if step is None:
        return ""
    policy = loader.load(name="grading", on=desk.today())
    text = policy.text(f"sentence.{UNPAID}").in_language(translation.get_language() or "")
    return text.format_map({**step["inputs"], **step["limits"]})

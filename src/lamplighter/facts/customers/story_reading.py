"""Reading the parts of an account's story. Whether the viewer may look is decided before."""

from datetime import date

from django.db.models import F, Q, QuerySet

from lamplighter.facts.customers.models import (
    FACETS,
    Account,
    Agreement,
    Assessment,
    Contact,
    Facet,
    Flag,
    Identity,
    Premise,
    Relation,
    ServiceRequest,
    SurveyAnswer,
)
from lamplighter.facts.customers.story import (
    AnswerLine,
    AssessmentLine,
    ContactLine,
    FacetLine,
    FlagLine,
    Papers,
    Place,
    RelationLine,
    RequestLine,
    Terms,
    Who,
)
from lamplighter.facts.network import queries as network
from lamplighter.kernel.viewer import Viewer

NOW = Q(superseded_at__isnull=True)


def who(customer_id: int, number: str, known: Q) -> Who:
    """Return the customer behind the account."""
    identity = Identity.objects.filter(known, customer_id=customer_id).order_by("-id").first()
    return Who(
        customer_number=number,
        name=identity.name if identity else "",
        kind=identity.kind if identity else "",
        id_number_masked=identity.id_number_masked if identity else "",
        industry=identity.industry if identity else "",
        importance=identity.importance if identity else "NONE",
    )


def terms(account_id: int, known: Q) -> Terms | None:
    """Return the terms of supply."""
    agreement = Agreement.objects.filter(known, account_id=account_id).order_by("-id").first()
    if agreement is None:
        return None
    return Terms(
        category=agreement.category,
        capacity_kva=agreement.capacity_kva,
        tariff_code=agreement.tariff_code,
        is_prepaid=agreement.is_prepaid,
        payment_method=agreement.payment_method,
        first_day=agreement.first_day,
        last_day=agreement.last_day,
    )


def place(account_id: int, known: Q) -> Place | None:
    """Return the place of supply; None where it is in no station area."""
    premise = (
        Premise.objects.filter(known, account_id=account_id, area__isnull=False)
        .select_related("area__station", "area__feeder")
        .order_by("-id")
        .first()
    )
    if premise is None or premise.area is None:
        return None
    area = premise.area
    return Place(
        address=premise.address,
        longitude_deg=premise.longitude_deg,
        latitude_deg=premise.latitude_deg,
        area_id=area.pk,
        area_code=area.code,
        area_name=area.name,
        setting=area.setting,
        township=area.township,
        committee=area.committee,
        station_name=area.station.name,
        feeder_code=area.feeder.code if area.feeder else "",
    )


def consent_on(*, contact: Contact | SurveyAnswer, on: date) -> str:
    """Return VALID, EXPIRED or WITHDRAWN: whether a personal field may be used on a day."""
    if contact.withdrawn_at is not None:
        return "WITHDRAWN"
    is_over = contact.expires_date is not None and contact.expires_date < on
    return "EXPIRED" if is_over or contact.erased_at is not None else "VALID"


def contacts(account_id: int, known: Q, on: date) -> tuple[ContactLine, ...]:
    """Return the people to call, with their consents."""
    lines = []
    for contact in Contact.objects.filter(known, account_id=account_id).order_by("role", "id"):
        consent = consent_on(contact=contact, on=on)
        lines.append(
            ContactLine(
                contact_id=contact.pk,
                role=contact.role,
                name=contact.name if consent == "VALID" else "",
                phone_masked=contact.phone_masked if consent == "VALID" else "",
                purpose=contact.purpose,
                basis=contact.basis,
                granted_date=contact.granted_date,
                expires_date=contact.expires_date,
                consent=consent,
            )
        )
    return tuple(lines)


def relations(account_id: int, known: Q, viewer: Viewer, on: date) -> tuple[RelationLine, ...]:
    """Return the accounts that belong with this one."""
    rows = list(
        Relation.objects.filter(known, Q(account_id=account_id) | Q(related_id=account_id))
        .select_related("account", "related")
        .order_by("kind", "id")
    )
    others = [row.related if row.account_id == account_id else row.account for row in rows]
    seen = set(
        Premise.objects.filter(
            NOW,
            account__in=others,
            area__in=network.areas_seen_by(viewer=viewer, on=on),
        ).values_list("account_id", flat=True)
    )
    identities = Identity.objects.filter(
        known, customer__in=[other.customer_id for other in others]
    )
    names = dict(identities.values_list("customer_id", "name"))
    return tuple(
        RelationLine(
            kind=row.kind,
            is_from_here=row.account_id == account_id,
            account_number=other.number if other.pk in seen else "",
            name=names.get(other.customer_id, "") if other.pk in seen else "",
            first_day=row.first_day,
        )
        for row, other in zip(rows, others, strict=True)
    )


def flag_line(flag: Flag, on: date) -> FlagLine:
    """Return a flag as a page shows it."""
    return FlagLine(
        kind=flag.kind,
        first_day=flag.first_day,
        last_day=flag.last_day,
        evidence=flag.evidence,
        is_in_force=flag.first_day <= on and (flag.last_day is None or flag.last_day >= on),
    )


def flags(account_id: int, known: Q, on: date) -> tuple[FlagLine, ...]:
    """Return all flags, newest first."""
    flags = Flag.objects.filter(known, account_id=account_id).order_by("-first_day", "kind")
    return tuple(flag_line(flag, on) for flag in flags)


def assessments(account_id: int, known: Q) -> tuple[AssessmentLine, ...]:
    """Return safety and credit grades, newest first."""
    rows = Assessment.objects.filter(known, account_id=account_id)
    return tuple(
        AssessmentLine(
            kind=row.kind,
            grade=row.grade,
            assessed_date=row.assessed_date,
            assessor=row.assessor,
        )
        for row in rows.order_by("kind", "-assessed_date")
    )


def facets(
    account_id: int,
    known: Q,
    on: date,
    *,
    who: Who,
    terms: Terms | None,
    place: Place,
    n_accounts: int,
) -> dict[str, tuple[FacetLine, ...]]:
    """Return the six facets; the basic one begins with what the other facts say."""
    lines: dict[str, list[FacetLine]] = {facet: [] for facet in FACETS}
    derived = {
        "kind": who.kind,
        "industry": who.industry,
        "category": terms.category if terms else "",
        "address": place.address,
        "n_accounts": str(n_accounts),
    }
    lines["BASIC"] = [
        FacetLine(
            facet="BASIC",
            item=item,
            content=content,
            stated_date=None,
            expires_date=None,
            is_derived=True,
        )
        for item, content in derived.items()
        if content
    ]
    for row in _unexpired(Facet.objects.filter(known, account_id=account_id), on).order_by(
        "item", "id"
    ):
        lines[row.facet].append(
            FacetLine(
                facet=row.facet,
                item=row.item,
                content=row.content,
                stated_date=row.stated_date,
                expires_date=row.expires_date,
                is_derived=False,
            )
        )
    return {facet: tuple(found) for facet, found in lines.items()}


def _unexpired(rows: QuerySet[Facet], on: date) -> QuerySet[Facet]:
    return rows.filter(Q(expires_date__isnull=True) | Q(expires_date__gte=on)).exclude(content="")


def answers(account_id: int, known: Q, on: date) -> tuple[AnswerLine, ...]:
    """Return the answers that may still be read."""
    rows = SurveyAnswer.objects.filter(known, account_id=account_id)
    return tuple(
        AnswerLine(
            answer_id=row.pk,
            question=row.question,
            answer=row.answer,
            asked_date=row.asked_date,
            asked_by=row.asked_by,
            purpose=row.purpose,
            basis=row.basis,
            expires_date=row.expires_date,
        )
        for row in rows.order_by("-asked_date", "question", "id")
        if consent_on(contact=row, on=on) == "VALID"
    )


def papers(
    account_id: int,
    customer_id: int,
    known: Q,
    on: date,
    *,
    who: Who,
    terms: Terms | None,
    place: Place,
) -> Papers:
    """Return what is stated of an account beside its supply; four queries."""
    n_accounts = Account.objects.filter(customer_id=customer_id).count()
    return Papers(
        n_accounts=n_accounts,
        assessments=assessments(account_id, known),
        facets=facets(
            account_id, known, on, who=who, terms=terms, place=place, n_accounts=n_accounts
        ),
        answers=answers(account_id, known, on),
    )


def requests(account_id: int, known: Q) -> tuple[RequestLine, ...]:
    """Return the service history, newest first."""
    rows = ServiceRequest.objects.filter(known, account_id=account_id)
    return tuple(
        RequestLine(
            number=row.number,
            kind=row.kind,
            channel=row.channel,
            requested_at=row.requested_at,
            closed_at=row.closed_at,
            content=row.content,
            is_upheld=row.is_upheld,
        )
        for row in rows.order_by(F("requested_at").desc(), "number")
    )

"""What the archive states of an account, in words."""

from datetime import date

from django.utils.translation import gettext as _

from lamplighter.facts.customers.story import Papers, Story
from lamplighter.facts.metering.queries import Point
from lamplighter.web.customers import words
from lamplighter.web.customers.pages import Archive, Facet, Fact, FlagShown
from lamplighter.web.frame import codes, formats


def archive(*, story: Story, points: list[Point]) -> Archive | None:
    """Return all that the archive states; None where its papers were not asked for."""
    papers = story.papers
    if papers is None:
        return None
    facets = _facets(papers=papers)
    return Archive(
        who=_who(story=story, papers=papers),
        terms=_terms(story=story),
        place=_place(story=story, points=points),
        assessments=_assessments(papers=papers),
        flags=_all_flags(story=story),
        facets=tuple(facet for facet in facets if facet.facts),
        unstated=tuple(facet.title for facet in facets if not facet.facts),
        answers=_answers(papers=papers),
    )


def supply(*, story: Story) -> str:
    """Return the terms of supply in one line."""
    terms = story.terms
    if terms is None:
        return ""
    parts = [str(codes.word_for(kind="category", code=terms.category).label)]
    if terms.capacity_kva is not None:
        parts.append(f"{formats.short_number(value=terms.capacity_kva)} kVA")
    parts.append(str(codes.word_for(kind="payment", code=terms.payment_method).label))
    if terms.is_prepaid:
        parts.append(_("prepaid"))
    return " · ".join(parts)


def _terms(*, story: Story) -> tuple[Fact, ...]:
    terms = story.terms
    if terms is None:
        return ()
    facts = [
        Fact(label=_("Supply"), text=supply(story=story)),
        Fact(label=_("Tariff"), text=terms.tariff_code),
        Fact(label=_("Contract from"), text=_day(terms.first_day)),
        Fact(label=_("Contract until"), text=_day(terms.last_day)),
    ]
    return tuple(fact for fact in facts if fact.text)


def _day(day: date | None) -> str:
    return formats.day_long(value=day) if day is not None else ""


def _who(*, story: Story, papers: Papers) -> tuple[Fact, ...]:
    """Return who the customer is."""
    person = story.who
    facts = [
        Fact(label=_("Customer number"), text=person.customer_number),
        Fact(label=_("Kind"), text=words.word(kind="kind", code=person.kind)),
        Fact(label=_("Industry"), text=person.industry),
        Fact(label=_("Accounts of this customer"), text=str(papers.n_accounts)),
    ]
    if person.importance != "NONE":
        facts.append(
            Fact(label=_("Importance"), text=words.word(kind="importance", code=person.importance))
        )
    return tuple(fact for fact in facts if fact.text)


def _place(*, story: Story, points: list[Point]) -> tuple[Fact, ...]:
    """Return where the account is supplied and what counts there."""
    where = story.place
    facts = [
        Fact(label=_("Address"), text=where.address),
        Fact(label=_("Station area"), text=f"{where.area_name} ({where.area_code})"),
        Fact(
            label=_("Committee"), text=" · ".join(filter(None, (where.township, where.committee)))
        ),
        Fact(label=_("Station"), text=where.station_name),
        Fact(label=_("Feeder"), text=where.feeder_code),
    ]
    for point in points:
        meter = _("meter %(number)s") % {"number": point.meter_number}
        facts.append(
            Fact(
                label=_("Usage point"), text=point.number, note=meter if point.meter_number else ""
            )
        )
    return tuple(fact for fact in facts if fact.text)


def _assessments(*, papers: Papers) -> tuple[Fact, ...]:
    """Return the safety and credit grades."""
    return tuple(
        Fact(
            label=words.word(kind="assessment", code=line.kind),
            text=line.grade,
            note=" · ".join(
                filter(None, (formats.day_long(value=line.assessed_date), line.assessor))
            ),
        )
        for line in papers.assessments
    )


def _all_flags(*, story: Story) -> tuple[FlagShown, ...]:
    """Return the flags with their spans."""
    return tuple(
        FlagShown(
            kind=line.kind,
            span=_("since %(day)s") % {"day": formats.day_long(value=line.first_day)}
            if line.last_day is None
            else f"{formats.day_long(value=line.first_day)} – "
            f"{formats.day_long(value=line.last_day)}",
            evidence=line.evidence,
            is_in_force=line.is_in_force,
        )
        for line in story.flags
    )


def _facets(*, papers: Papers) -> tuple[Facet, ...]:
    """Return the six facets in their order, empty ones too."""
    return tuple(
        Facet(
            title=words.word(kind="facet", code=code),
            facts=tuple(
                Fact(
                    label=words.word_or_itself(kind="item", code=line.item.partition(":")[0]),
                    text=_content(line.item, line.content),
                    note=_until(line.stated_date, line.expires_date),
                )
                for line in lines
            ),
        )
        for code, lines in papers.facets.items()
    )


def _content(item: str, content: str) -> str:
    if item == "category" and content:
        return str(codes.word_for(kind="category", code=content).label)
    if item == "kind":
        return words.word_or_itself(kind="kind", code=content)
    return content


def _until(stated: date | None, expires: date | None) -> str:
    parts = []
    if stated is not None:
        parts.append(_("stated %(day)s") % {"day": formats.day_long(value=stated)})
    if expires is not None:
        parts.append(_("kept until %(day)s") % {"day": formats.day_long(value=expires)})
    return " · ".join(parts)


def _answers(*, papers: Papers) -> tuple[Fact, ...]:
    """Return the answers given on visits with their ground and expiry."""
    return tuple(
        Fact(
            label=line.question,
            text=line.answer,
            note=" · ".join(
                filter(
                    None,
                    (
                        line.purpose,
                        words.word_or_itself(kind="basis", code=line.basis),
                        _until(line.asked_date, line.expires_date),
                    ),
                )
            ),
        )
        for line in papers.answers
    )

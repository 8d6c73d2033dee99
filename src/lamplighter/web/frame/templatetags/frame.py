"""`{% load frame %}`: formats, badges, icons and charts. Documented in docs/pages.md."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Protocol

from django import template
from django.template.context import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from lamplighter.web.frame import charts, codes, formats, icons

register = template.Library()

Number = formats.Number
CUSTOMER_ROW = """<tr data-href="{}">
          <td><span><a class="row-link" href="{}">{}</a><span class="sub">{}</span></span></td>
          <td>{}</td>
          <td class="num">{}</td>
        </tr>"""


class CustomerRow(Protocol):
    """What a row says of a customer."""

    @property
    def url(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def account_number(self) -> str: ...
    @property
    def where(self) -> str: ...
    @property
    def grade(self) -> str: ...


@register.filter
def money(value: Number | None, digits: int = 2) -> str:
    """Write an amount in yuan."""
    return formats.NOTHING if value is None else formats.money(value=value, digits=digits)


@register.filter
def energy(value: Number | None, digits: int = 1) -> str:
    """Write an energy in kWh."""
    if value is None:
        return formats.NOTHING
    return f"{formats.number(value=value, digits=digits)} kWh"


@register.filter
def energy_change(value: Number | None, digits: int = 1) -> str:
    """Write a change of energy in kWh with its sign."""
    if value is None:
        return formats.NOTHING
    return f"{formats.signed(text=formats.number(value=value, digits=digits))} kWh"


@register.filter
def number(value: Number | None, digits: int | None = None) -> str:
    """Write a number."""
    if value is None:
        return formats.NOTHING
    if digits is None:
        return formats.short_number(value=value)
    return formats.number(value=value, digits=digits)


@register.filter
def share(value: Number | None, digits: int = 1) -> str:
    """Write a ratio between 0 and 1 as a percentage."""
    if value is None:
        return formats.NOTHING
    return f"{formats.number(value=100 * value, digits=digits)}%"


@register.filter
def share_change(value: Number | None, digits: int = 1) -> str:
    """Write a ratio as a percentage with its sign."""
    return formats.NOTHING if value is None else formats.signed(text=share(value, digits))


@register.filter
def listed(value: Sequence[str]) -> str:
    """Write things one behind the other."""
    return formats.listed(texts=value)


@register.filter
def sentences(value: Sequence[str]) -> str:
    """Write one sentence behind the other."""
    return formats.sentences(*value)


@register.simple_tag
def colon() -> str:
    """Write the point between a label and what follows it."""
    return formats.labelled(label="", text="")


@register.filter
def minutes(value: Number | None) -> str:
    """Write a span of minutes."""
    return formats.NOTHING if value is None else formats.minutes(value=value)


@register.filter
def day(value: date | None) -> str:
    """Write a day with its weekday."""
    return formats.NOTHING if value is None else formats.day(value=value)


@register.filter
def day_long(value: date | None) -> str:
    """Write a day with its year."""
    return formats.NOTHING if value is None else formats.day_long(value=value)


@register.filter
def month(value: date | None) -> str:
    """Write the month of a day."""
    return formats.NOTHING if value is None else formats.month(value=value)


@register.filter
def deadline(value: datetime | None) -> str:
    """Write until when something is to be done."""
    return formats.NOTHING if value is None else formats.deadline(value=value)


@register.filter
def moment(value: datetime | None) -> str:
    """Write a moment in the current time zone."""
    return formats.NOTHING if value is None else formats.moment(value=value)


@register.filter
def moment_long(value: datetime | None) -> str:
    """Write a moment in the current time zone, with the year."""
    return formats.NOTHING if value is None else formats.moment_long(value=value)


@register.filter
def masked_name(value: str | None) -> str:
    """Hide most of a name."""
    return formats.NOTHING if value is None else formats.masked_name(value=value)


@register.filter
def masked_phone(value: str | None) -> str:
    """Hide the middle of a telephone number."""
    return formats.NOTHING if value is None else formats.masked_phone(value=value)


@register.filter
def masked_id(value: str | None) -> str:
    """Hide the middle of an identity number."""
    return formats.NOTHING if value is None else formats.masked_id(value=value)


@register.filter
def label(code: str | None, kind: str) -> str:
    """Give the word for a code."""
    return formats.NOTHING if not code else str(codes.word_for(kind=kind, code=code).label)


@register.filter
def tone(code: str, kind: str) -> str:
    """Give the tone a code is shown in."""
    return codes.word_for(kind=kind, code=code).tone


@register.filter
def icon_of(code: str, kind: str) -> str:
    """Give the name of a code's icon."""
    return codes.word_for(kind=kind, code=code).icon


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an icon; what it means must stand beside it in words."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="{}"/></svg>',
        icons.PATHS[name],
    )


@register.simple_tag
def badge(kind: str, code: str | None) -> SafeString | str:
    """Show a code as a word on a calm ground."""
    if not code:
        return formats.NOTHING
    word = codes.word_for(kind=kind, code=code)
    if kind == "grade":
        return format_html('<span class="badge grade-{}">{}</span>', code.lower(), word.label)
    return format_html(
        '<span class="badge{}">{}{}</span>',
        f" badge-{word.tone}" if word.tone else "",
        icon(word.icon) if word.icon else "",
        word.label,
    )


@register.simple_tag
def grade(code: str | None) -> SafeString | str:
    """Show a grade's letter alone."""
    if not code:
        return formats.NOTHING
    return format_html(
        '<span class="grade grade-{}" title="{}"><span aria-hidden="true">{}</span>'
        '<span class="visually-hidden">{}</span></span>',
        code.lower(),
        codes.word_for(kind="grade", code=code).label,
        code,
        codes.word_for(kind="grade", code=code).label,
    )


@register.simple_tag
def customer_rows(rows: Sequence[CustomerRow]) -> SafeString:
    """Draw customers as rows of a table: who, where, their grade where there is one.

    Every answer of a search waits for its rows; drawn here they cost half of what a template does.
    """
    return format_html_join(
        "",
        CUSTOMER_ROW,
        (
            (
                *(row.url, row.url, row.name, row.account_number, row.where),
                grade(row.grade) if row.grade else "",
            )
            for row in rows
        ),
    )


@register.simple_tag
def day_tag(value: date | None) -> SafeString | str:
    """Mark up a day: weekday shown, year on hover."""
    if value is None:
        return formats.NOTHING
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(),
        formats.day_long(value=value),
        formats.day(value=value),
    )


@register.simple_tag
def ago(value: datetime | None, now: datetime) -> SafeString | str:
    """Mark up a moment: rough distance shown, exact moment on hover."""
    if value is None:
        return formats.NOTHING
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(),
        formats.moment_long(value=value),
        formats.ago(value=value, now=now),
    )


@register.simple_tag
def interval(low: Number | None, high: Number | None, unit: str = "number") -> str:
    """Write an interval, its unit once.

    Raises
    ------
    django.template.TemplateSyntaxError
        The unit is not one of energy, money, number, share.
    """
    if low is None or high is None:
        return formats.NOTHING
    if unit == "energy":
        return f"{formats.number(value=low, digits=0)}–{formats.number(value=high, digits=0)} kWh"
    if unit == "money":
        return f"{formats.money(value=low, digits=0)}–{formats.money(value=high, digits=0)}"
    if unit == "share":
        return f"{formats.number(value=100 * low, digits=1)}–{share(high)}"
    if unit == "number":
        return f"{number(low)}–{number(high)}"
    raise template.TemplateSyntaxError(f"interval: no unit {unit!r}")


@register.inclusion_tag("frame/sparkline.html")
def sparkline(values: Sequence[Number | None], label: str) -> dict[str, Any]:
    """Draw a small line of values; gaps stay gaps."""
    return {"line": charts.spark(values=values), "label": label}


@register.inclusion_tag("frame/parts_bar.html")
def parts_bar(parts: Sequence[Any], label: str) -> dict[str, Any]:
    """Draw one stacked bar with a linked key under it."""
    return {"pieces": charts.pieces(parts=parts), "label": label}


@register.inclusion_tag("frame/chart.html")
def chart(
    name: str, data: dict[str, Any], title: str, height: str = "", note: str = ""
) -> dict[str, Any]:
    """Write a chart's data and the place where it is drawn.

    Raises
    ------
    charts.ChartUnknown
        No chart has this name.
    """
    return {
        "name": charts.known(name=name),
        "data": charts.embedded(data=data),
        "title": title,
        "height": height,
        "note": note,
        "key": charts.key_of(name=name, data=data),
        "table_label": _("Show as a table"),
    }


@register.simple_tag(takes_context=True)
def block_again(context: Context, name: str) -> SafeString:
    """Render a block a second time: the title is also the heading."""
    node = context.render_context[BLOCK_CONTEXT_KEY].blocks[name][-1]
    rendered: SafeString = node.nodelist.render(context)
    return rendered


@register.simple_tag(takes_context=True)
def was_refused(context: Context, url: str) -> bool:
    """Tell whether the page answers a form that was sent to this address: its fold stays open."""
    request = context["request"]
    return bool(request.method == "POST" and request.path == url)

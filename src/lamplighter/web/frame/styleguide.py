"""The style guide's data: each part of the frame with one realistic evening's content.

Every person, number and address here is invented.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django import forms

from lamplighter.web.frame import styleguide_charts as charts
from lamplighter.web.frame import styleguide_content as content
from lamplighter.web.frame.formats import is_chinese
from lamplighter.web.frame.styleguide_charts import TODAY

NOW = datetime(2026, 11, 24, 23, 50, tzinfo=UTC)


def _say(zh: str, en: str) -> str:
    return zh if is_chinese() else en


class UploadForm(forms.Form):
    """A form with one good and one refused field."""

    name = forms.CharField(label="")
    phone = forms.CharField(label="")
    kind = forms.ChoiceField(label="")
    paper = forms.FileField(label="", required=False)

    def __init__(self, data: dict[str, str]) -> None:
        super().__init__(data)
        self.fields["name"].label = _say("联系人", "Contact")
        self.fields["paper"].label = _say("证明", "Paper")
        self.fields["phone"].label = _say("手机", "Mobile phone")
        self.fields["phone"].help_text = _say(
            "只用于本户的缴费提醒.", "Used for this account's reminders only."
        )
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)  # noqa: S101 - declared three lines above
        kind.label = _say("关系", "Relation")
        kind.choices = [("CHILD_AWAY", _say("在外的子女", "Child working away"))]

    def clean_phone(self) -> str:
        """Refuse a number that is too short."""
        phone: str = self.cleaned_data["phone"]
        if len(phone) < 11:
            raise forms.ValidationError(
                _say("手机号应是 11 位, 现在是 %d 位.", "A mobile number has 11 digits, not %d.")
                % len(phone)
            )
        return phone


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleguidePage:
    """All that the style guide shows."""

    summary: str
    now: datetime
    today: date
    tabs: list[dict[str, Any]]
    stats: list[dict[str, str]]
    cards: list[content.Card]
    rows: list[dict[str, Any]]
    pager: dict[str, Any]
    entries: list[dict[str, Any]]
    steps: list[dict[str, Any]]
    quarantine: list[dict[str, Any]]
    causes: list[dict[str, Any]]
    grades: list[dict[str, Any]]
    form: UploadForm
    story: dict[str, Any]
    burn_down: dict[str, Any]
    day_profile: dict[str, Any]
    day_lines: dict[str, Any]
    proof: dict[str, Any]
    bill_forecast: dict[str, Any]
    doors: dict[str, Any]
    words: dict[str, str]


def styleguide_page() -> StyleguidePage:
    """Return the style guide in the active language."""
    return StyleguidePage(
        summary=_say(
            "今天 12 户, 约 6 小时 40 分; 另有 9 户没排进来, 因为这周已经联系过.",
            "12 homes today, about 6 h 40 min; 9 more were left out because they were contacted "
            "this week.",
        ),
        now=NOW,
        today=TODAY,
        tabs=[
            {"label": _say("突变", "Sudden jumps"), "url": "#", "is_current": True, "count": 38},
            {"label": _say("用电多", "High use"), "url": "#", "is_current": False, "count": 120},
            {"label": _say("已问过", "Asked"), "url": "#", "is_current": False, "count": None},
        ],
        stats=content.stats(),
        cards=content.cards(),
        rows=content.rows(),
        pager={
            "number": 2,
            "pages": 41,
            "total": 2043,
            "previous_url": "#",
            "next_url": "#",
        },
        entries=content.entries(),
        steps=content.steps(),
        quarantine=content.quarantine(),
        causes=content.causes(),
        grades=content.grades(),
        form=UploadForm({"name": "王小军", "phone": "1385512", "kind": "CHILD_AWAY"}),
        story=charts.story(),
        burn_down=charts.burn_down(),
        day_profile=charts.day_profile(),
        day_lines=charts.day_lines(),
        proof=charts.proof(),
        bill_forecast=charts.bill_forecast(),
        doors=charts.doors(),
        words=content.words(),
    )

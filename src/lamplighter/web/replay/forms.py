"""The two forms that begin a replay."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lamplighter.web.frame import area_choice

LONGEST_FILE_BYTES = 256 * 1024
SAME, TODAY, MOMENT = "SAME", "TODAY", "MOMENT"


class NightForm(forms.Form):
    """A kept night, and the knowledge it is held against."""

    night = forms.ChoiceField(label=_("Night"))
    knowledge = forms.ChoiceField(
        label=_("Held against"),
        choices=[
            (TODAY, _("what is known today")),
            (SAME, _("the same knowledge: does it come out the same?")),
            (MOMENT, _("what was known at a moment")),
        ],
    )
    moment = forms.DateTimeField(
        label=_("Moment"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text=_("Only where a moment is chosen above."),
    )

    def __init__(self, *args: Any, nights: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        night = self.fields["night"]
        if isinstance(night, forms.ChoiceField):
            night.choices = nights

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("knowledge") == MOMENT and not cleaned.get("moment"):
            self.add_error("moment", _("Say which moment."))
        return cleaned


class RulesForm(forms.Form):
    """Rules on trial, the nights to decide again, and where."""

    candidate = forms.ChoiceField(
        label=_("Rules on trial"),
        required=False,
        help_text=_("Rules that whoever runs the system has laid out for trial."),
    )
    policy = forms.ChoiceField(
        label=_("Or a file of your own for the rule"),
        required=False,
    )
    file = forms.FileField(
        label=_("Its file"),
        required=False,
        help_text=_(
            "TOML, named by its first day, e.g. 2026-12-01.toml; only the rows it changes."
        ),
    )
    first_day = forms.DateField(
        label=_("From which night"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    last_day = forms.DateField(
        label=_("Up to which night"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    area = forms.ChoiceField(label=_("Which areas"), required=False)

    def __init__(
        self,
        *args: Any,
        candidates: list[tuple[str, str]],
        policies: list[tuple[str, str]],
        areas: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        lists = {
            "candidate": [("", str(_("Choose"))), *candidates],
            "policy": [("", str(_("Choose"))), *policies],
            "area": [("", str(_("All my areas"))), *areas],
        }
        self.areas = areas
        if len(areas) > area_choice.MOST_OFFERED:
            self.fields["area"] = forms.CharField(
                label=_("Which areas"),
                required=False,
                help_text=_("A code or a whole name; empty: all my areas."),
            )
        for name, choices in lists.items():
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = choices
        self.fields["file"].widget.attrs["accept"] = ".toml"

    def clean_area(self) -> str:
        """Return the code of the area that was chosen or typed; empty: all."""
        asked = str(self.cleaned_data["area"]).strip()
        fitting = [code for code, name in self.areas if asked in {code, name}]
        if asked and len(fitting) != 1:
            raise forms.ValidationError(_("No area is called so, or more than one is."))
        return fitting[0] if asked else ""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        own = cleaned.get("file")
        if bool(cleaned.get("candidate")) == bool(own):
            self.add_error("candidate", _("Choose one, or send a file, not both."))
        if own and not cleaned.get("policy"):
            self.add_error("policy", _("Say which rule the file is for."))
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last night comes before the first."))
        if own and own.size > LONGEST_FILE_BYTES:
            self.add_error("file", _("Rules are a short text; this file is too large."))
        return cleaned


def usual_days(*, newest: date) -> tuple[date, date]:
    """Return the week that ends with the newest night."""
    return date.fromordinal(newest.toordinal() - 6), newest

"""The two forms that begin a replay."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from lamplighter.web.frame import area_choice, formats

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

    def __init__(
        self, *args: Any, nights: list[tuple[str, str]], now: datetime, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        night = self.fields["night"]
        if isinstance(night, forms.ChoiceField):
            night.choices = nights

    def clean_moment(self) -> datetime | None:
        """Return the moment, unless it is still to come."""
        moment: datetime | None = self.cleaned_data["moment"]
        if moment is not None and moment > self.now:
            raise forms.ValidationError(_("This moment is still to come: nobody knows it yet."))
        return moment

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "moment" in self.errors:
            return cleaned
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
    area = forms.ChoiceField(
        label=_("Which areas"),
        required=False,
        help_text=_("Areas are decided in groups: those of the same group come along."),
    )

    def __init__(
        self,
        *args: Any,
        candidates: list[tuple[str, str]],
        policies: list[tuple[str, str]],
        areas: list[tuple[str, str]],
        newest: date,
        nights_most: int,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        lists = {
            "candidate": [("", str(_("Choose"))), *candidates],
            "policy": [("", str(_("Choose"))), *policies],
            "area": [("", str(_("All my areas"))), *areas],
        }
        self.areas, self.newest, self.nights_most = areas, newest, nights_most
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

    def clean_last_day(self) -> date:
        """Return the last night, unless it has not been decided yet."""
        last: date = self.cleaned_data["last_day"]
        if last > self.newest:
            text = _("The newest night is %(day)s: choose it or an earlier one.")
            raise forms.ValidationError(text % {"day": formats.day_long(value=self.newest)})
        return last

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
        elif first and last and (last - first).days >= self.nights_most:
            text = ngettext_lazy(
                "At most %(n)s night at once: begin later, or end sooner.",
                "At most %(n)s nights at once: begin later, or end sooner.",
                self.nights_most,
            )
            self.add_error("last_day", text % {"n": self.nights_most})
        if own and own.size > LONGEST_FILE_BYTES:
            self.add_error("file", _("Rules are a short text; this file is too large."))
        return cleaned


def usual_days(*, newest: date) -> tuple[date, date]:
    """Return the week that ends with the newest night."""
    return date.fromordinal(newest.toordinal() - 6), newest

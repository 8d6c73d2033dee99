"""What is asked when an outage is recorded, changed, ended or called off."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as later

from lamplighter.action.outages.lines import REASON_AT_MOST
from lamplighter.web.frame import outage_words
from lamplighter.web.frame.area_picker import AreaPicker

Choices = Sequence[tuple[str, str]]
FORMAT = "%Y-%m-%dT%H:%M"


def local(moment: datetime | None) -> str:
    """Return a moment as the browser's field takes it, in the station's own time."""
    return f"{timezone.localtime(moment):{FORMAT}}" if moment else ""


def _moment(*, label: Any, required: bool = True, help_text: Any = "") -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        required=required,
        help_text=help_text,
        input_formats=[FORMAT],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=FORMAT),
    )


def _reason(*, label: Any, required: bool = True, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=REASON_AT_MOST,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


def _exception() -> forms.CharField:
    return _reason(
        label=later("Short notice: why it cannot wait"),
        required=False,
        help_text=later("Only where the notice is shorter than the rules allow; it stays marked."),
    )


class _Placed(forms.Form):
    """A form that names station areas out of those the person may see."""

    areas = forms.MultipleChoiceField(label=later("Areas without supply"), required=False)

    def __init__(self, *given: Any, picker: AreaPicker, **named: Any) -> None:
        super().__init__(*given, **named)
        self.picker = picker
        self.fields["areas"].choices = picker.choices  # type: ignore[attr-defined] # a choice field


class OutageForm(_Placed):
    """A new outage."""

    request_key = forms.CharField(max_length=40, widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label=later("Kind of outage"), choices=list(outage_words.KINDS.items())
    )
    cause = forms.ChoiceField(label=later("Cause"), choices=list(outage_words.CAUSES.items()))
    begins_at = _moment(label=later("Off from"))
    expected_end_at = _moment(
        label=later("Expected back"),
        required=False,
        help_text=later("A plan needs it; a fault may stay open."),
    )
    feeder = forms.ChoiceField(
        label=later("Whole line"), required=False, help_text=later("All areas on it.")
    )
    notice_exception = _exception()
    field_order = ("kind", "cause", "begins_at", "expected_end_at", "feeder", "areas")

    def __init__(self, *given: Any, feeders: Choices, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["feeder"].choices = [("", "–"), *feeders]  # type: ignore[attr-defined] # a choice field


class ChangeForm(_Placed):
    """Other times or areas."""

    request_key = forms.CharField(max_length=40, widget=forms.HiddenInput)
    begins_at = _moment(label=later("Off from"))
    expected_end_at = _moment(label=later("Expected back"), required=False)
    reason = _reason(label=later("Why it changes"))
    notice_exception = _exception()
    field_order = ("begins_at", "expected_end_at", "areas", "reason")


class EndForm(forms.Form):
    """Since when supply is back."""

    request_key = forms.CharField(max_length=40, widget=forms.HiddenInput)
    ended_at = _moment(label=later("Supply back everywhere since"))


class CallOffForm(forms.Form):
    """Why it will not be."""

    request_key = forms.CharField(max_length=40, widget=forms.HiddenInput)
    reason = _reason(label=later("Why it is called off"))

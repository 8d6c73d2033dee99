"""What somebody fills in who has no account."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as later


class ReportForm(forms.Form):
    """A report: what it is about, what happened, where, and how to reach who writes."""

    form_key = forms.CharField(max_length=200, widget=forms.HiddenInput)
    type_code = forms.ChoiceField(
        label=later("What would you like to tell us?"),
        widget=forms.RadioSelect,
        error_messages={"required": later("Please choose one.")},
    )
    words = forms.CharField(
        label=later("What happened?"),
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=later("When, who or which office, and what you would like to be done."),
        error_messages={"required": later("Please tell us in a few sentences what happened.")},
    )
    office = forms.ChoiceField(label=later("Which supply station is it about?"), required=False)
    place = forms.CharField(
        label=later("Where was it?"),
        required=False,
        max_length=200,
        help_text=later("Village, street, house or a landmark; leave it empty if there is none."),
    )
    photo = forms.FileField(
        label=later("A photo, if you have one"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png"}),
    )
    phone = forms.CharField(
        label=later("A telephone number, if you would like a call"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
        help_text=later(
            "Encrypted; only the person who calls you back sees it. You may stay anonymous."
        ),
    )
    website = forms.CharField(required=False, max_length=200)  # no person sees it

    def __init__(
        self,
        *given: Any,
        types: Sequence[tuple[str, str]],
        offices: Sequence[tuple[str, str]],
        words_at_most: int,
        **named: Any,
    ) -> None:
        super().__init__(*given, **named)
        self.fields["type_code"].choices = list(types)  # type: ignore[attr-defined] # a choice field
        self.fields["office"].choices = list(offices)  # type: ignore[attr-defined] # a choice field
        words = self.fields["words"]
        words.validators.append(MaxLengthValidator(words_at_most))
        words.widget.attrs["maxlength"] = words_at_most

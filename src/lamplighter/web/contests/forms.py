"""What is asked when somebody contests, and when a person decides."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lamplighter.findings.contests import rules
from lamplighter.web.contests import words

_TEXT = {"rows": 4, "maxlength": 1000}


class ContestForm(forms.Form):
    """What a customer says against a finding, as it was said."""

    account = forms.CharField(widget=forms.HiddenInput, max_length=40)
    request_key = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)
    about = forms.ChoiceField(
        label=gettext_lazy("What is contested"), choices=list(words.ABOUT.items())
    )
    wish = forms.ChoiceField(
        label=gettext_lazy("What the customer wishes"),
        choices=list(words.WISHES.items()),
        widget=forms.RadioSelect,
    )
    said = forms.CharField(
        label=gettext_lazy("In the customer's own words"),
        max_length=1000,
        widget=forms.Textarea(attrs=_TEXT),
        help_text=gettext_lazy("As it was said, without comment."),
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("How it reached us"), choices=list(words.CHANNELS.items())
    )
    is_by_other = forms.BooleanField(
        label=gettext_lazy("Somebody spoke for the customer"), required=False
    )


class DecisionForm(forms.Form):
    """What a person decides about a contest."""

    outcome = forms.ChoiceField(label=gettext_lazy("Decision"), widget=forms.RadioSelect)
    value = forms.ChoiceField(label=gettext_lazy("What stands in its place"), required=False)
    wrong_fact = forms.ChoiceField(
        label=gettext_lazy("A fact that has to be put right first"), required=False
    )
    valid_until_date = forms.DateField(
        label=gettext_lazy("Holds until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Empty: as long as the rules allow."),
    )
    reasons = forms.CharField(
        label=gettext_lazy("Reasons, as the customer will read them"),
        max_length=1000,
        widget=forms.Textarea(attrs=_TEXT),
    )

    def __init__(self, data: Any = None, *, about: str, wish: str, latest: date) -> None:
        super().__init__(data)
        refuses = wish == "NO_AUTOMATION"
        outcomes = [
            (code, word)
            for code, word in words.OUTCOMES.items()
            if (code == "AUTOMATION_REFUSED") == refuses
        ]
        self.fields["outcome"].choices = outcomes  # type: ignore[attr-defined] # a ChoiceField
        self.fields["value"].choices = [  # type: ignore[attr-defined] # a ChoiceField
            ("", _("nothing")),
            *((v, words.value(about=about, code=v)) for v in rules.VALUES[about]),
        ]
        self.fields["wrong_fact"].choices = [  # type: ignore[attr-defined] # a ChoiceField
            ("", _("none")),
            *words.FACTS.items(),
        ]
        if refuses:
            self.initial["outcome"] = outcomes[0][0]
            del self.fields["valid_until_date"], self.fields["wrong_fact"]
        else:
            self.fields["valid_until_date"].widget.attrs["max"] = latest.isoformat()


class ReasonsForm(forms.Form):
    """Why a ruling ends."""

    reasons = forms.CharField(
        label=gettext_lazy("Reasons"), max_length=1000, widget=forms.Textarea(attrs=_TEXT)
    )


class ReviewForm(forms.Form):
    """Whether a proposed grade D is given."""

    verdict = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=list(words.VERDICTS.items()),
        widget=forms.RadioSelect,
    )
    reasons = forms.CharField(
        label=gettext_lazy("Reasons"), max_length=1000, widget=forms.Textarea(attrs=_TEXT)
    )

"""The one form that takes a request in the customer's words."""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lamplighter.policy.processes import codes
from lamplighter.web.frame import service_words

WORDS_AT_MOST = 20_000  # of what an order keeps
ASKED_CASES = {
    "VOLTAGE": gettext_lazy("Voltage"),
    "HV_SOURCES": gettext_lazy("Sources of supply"),
    "CUSTOMER_KIND": gettext_lazy("Kind of customer"),
}


class RequestForm(forms.Form):
    """What the caller asks for."""

    request_key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    words = forms.CharField(
        label=gettext_lazy("In the customer's words"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )
    where = forms.CharField(required=False, max_length=200)
    proposed = forms.CharField(required=False, max_length=40)
    type_code = forms.ChoiceField(label=gettext_lazy("Another type"), required=False)
    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"), choices=list(service_words.CHANNELS.items())
    )
    priority = forms.ChoiceField(
        label=gettext_lazy("Priority"), choices=list(service_words.PRIORITIES.items())
    )
    voltage = forms.ChoiceField(label=ASKED_CASES["VOLTAGE"], required=False)
    hv_sources = forms.ChoiceField(label=ASKED_CASES["HV_SOURCES"], required=False)
    customer_kind = forms.ChoiceField(label=ASKED_CASES["CUSTOMER_KIND"], required=False)
    join = forms.CharField(required=False, max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type_code"].choices = type_choices()  # type: ignore[attr-defined] # a ChoiceField
        for dimension in ASKED_CASES:
            options = codes.DIMENSIONS[dimension].items()
            self.fields[dimension.lower()].choices = [  # type: ignore[attr-defined] # a ChoiceField
                ("", _("as the archive says")),
                *((code, service_words.own(words)) for code, words in options),
            ]

    def clean_words(self) -> str:
        said: str = self.cleaned_data["words"]
        if len(said) > WORDS_AT_MOST:
            text = _(
                "These are %(n)s characters, and an order keeps %(most)s. Please shorten them, "
                "or add them as a file once the order is open."
            )
            raise forms.ValidationError(
                text % {"n": f"{len(said):,}", "most": f"{WORDS_AT_MOST:,}"}
            )
        return said

    @property
    def wanted_type(self) -> str:
        """The type that a person chose: the list goes before the proposal."""
        return str(self.cleaned_data["type_code"] or self.cleaned_data["proposed"])

    @property
    def cases(self) -> dict[str, str]:
        """By what promises differ, as far as it was said here."""
        said = {code: self.cleaned_data[code.lower()] for code in ASKED_CASES}
        return {code: value for code, value in said.items() if value}


def type_choices() -> list[tuple[str | Promise, Any]]:
    """Return all types, under the function they belong to."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, function in codes.TYPES.items():
        name = service_words.type_name(code=code)
        groups.setdefault(service_words.function_name(code=function), []).append((code, name))
    return [("", _("as proposed")), *groups.items()]

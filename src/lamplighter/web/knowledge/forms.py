"""What is asked when an answer is published or withdrawn."""

from django import forms
from django.utils.translation import gettext_lazy

CERTAINTIES = {
    "C": gettext_lazy("Certain: read at its source"),
    "T": gettext_lazy("Likely: from a page about it"),
    "O": gettext_lazy("Our own decision"),
    "U": gettext_lazy("Not certain"),
}
_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ArticleForm(forms.Form):
    """One version of an answer, in both languages."""

    request_key = forms.CharField(max_length=40, widget=forms.HiddenInput)
    after_number = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    code = forms.SlugField(
        label=gettext_lazy("Code"),
        max_length=40,
        help_text=gettext_lazy("Short and lasting, like SUSPEND-RULES."),
    )
    title_zh = forms.CharField(label=gettext_lazy("Question, in Chinese"), max_length=80)
    title_en = forms.CharField(label=gettext_lazy("Question, in English"), max_length=80)
    answer_zh = forms.CharField(
        label=gettext_lazy("Answer to read out, in Chinese"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    answer_en = forms.CharField(
        label=gettext_lazy("Answer to read out, in English"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    body_zh = forms.CharField(
        label=gettext_lazy("Notes for the agent, in Chinese"),
        max_length=8000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    body_en = forms.CharField(
        label=gettext_lazy("Notes for the agent, in English"),
        max_length=8000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    source = forms.CharField(label=gettext_lazy("Source"), max_length=300)
    certainty = forms.ChoiceField(label=gettext_lazy("How sure"), choices=list(CERTAINTIES.items()))
    from_date = forms.DateField(label=gettext_lazy("In force from"), widget=_DAY)
    until_date = forms.DateField(
        label=gettext_lazy("Last day"), required=False, widget=_DAY,
        help_text=gettext_lazy("Empty: until another version takes its place."),
    )  # fmt: skip


class WithdrawForm(forms.Form):
    """From when an answer is none any more."""

    request_key = forms.CharField(max_length=40, widget=forms.HiddenInput)
    after_number = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    from_date = forms.DateField(label=gettext_lazy("No answer from"), widget=_DAY)
    because = forms.CharField(label=gettext_lazy("Why"), max_length=300)

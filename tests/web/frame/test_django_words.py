"""Messages of Django's that we word anew: no form tells a clerk of variables."""

import pytest
from django import forms
from django.utils import translation


@pytest.mark.parametrize(
    ("language", "value", "said"),
    [
        ("zh-hans", "12", "至少要 6 个字，现在是 2 个。"),
        ("zh-hans", "123456789", "最多 8 个字，现在是 9 个。"),
        ("en", "12", "At least 6 characters, please; it has 2."),
        ("en", "123456789", "At most 8 characters, please; it has 9."),
    ],
)
def test_lengths_are_told_in_plain_words(language, value, said):
    class Code(forms.Form):
        code = forms.CharField(min_length=6, max_length=8)

    with translation.override(language):
        assert Code({"code": value}).errors["code"] == [said]

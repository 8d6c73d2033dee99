"""The form that takes a file in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST_MAPPING_BYTES = 256 * 1024


class UploadForm(forms.Form):
    """A file with the mapping that describes it: a known one or one of its own."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, XLSX or Parquet, as your system exports it."),
        allow_empty_file=True,
    )
    mapping = forms.ChoiceField(
        label=_("Mapping"),
        required=False,
        help_text=_("Says which of your columns is which of our fields."),
    )
    mapping_file = forms.FileField(
        label=_("Or a mapping file of your own"),
        required=False,
        help_text=_("TOML. It can be chosen from the list the next time."),
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first = ("", str(_("Choose, or send your own below")))
        mapping = self.fields["mapping"]
        if isinstance(mapping, forms.ChoiceField):
            mapping.choices = [first, *choices]
        self.fields["file"].widget.attrs["accept"] = ".csv,.txt,.xlsx,.parquet"
        self.fields["mapping_file"].widget.attrs["accept"] = ".toml"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        own = cleaned.get("mapping_file")
        if bool(cleaned.get("mapping")) == bool(own) and "mapping" not in self.errors:
            self.add_error("mapping", _("Choose one mapping, or send one, not both."))
        if own and own.size > LONGEST_MAPPING_BYTES:
            self.add_error("mapping_file", _("A mapping is a short text; this file is too large."))
        return cleaned

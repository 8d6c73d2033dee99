"""Messages of Django's that our catalogues word anew: its Chinese speaks of variables.

Nothing calls them from here. A catalogue of ours stands before Django's, and what stands in one has
to be said in our sources.
"""

from django.utils.translation import ngettext_lazy

TOO_SHORT = ngettext_lazy(
    "Ensure this value has at least %(limit_value)d character (it has %(show_value)d).",
    "Ensure this value has at least %(limit_value)d characters (it has %(show_value)d).",
    "limit_value",
)
TOO_LONG = ngettext_lazy(
    "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
    "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d).",
    "limit_value",
)

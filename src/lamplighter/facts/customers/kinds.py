"""The codes of what a customer is and of how it is supplied; needs no database."""

KINDS = ["PERSON", "ENTERPRISE", "INSTITUTION"]
CATEGORIES = ["RESIDENTIAL", "GENERAL", "LARGE_INDUSTRY", "AGRICULTURE", "OTHER"]

"""Orders that were escalated."""

"""Orders that went up."""

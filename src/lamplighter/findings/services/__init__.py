"""Writing findings: the night."""

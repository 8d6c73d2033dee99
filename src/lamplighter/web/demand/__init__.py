"""What customers ask for: a request read at once, and all of them by type and week."""

"""Search: one line that finds people by whatever one remembers of them."""

"""Service orders: opening them, reading them, and working on them."""

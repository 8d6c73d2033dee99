"""Writing what was contested and decided."""

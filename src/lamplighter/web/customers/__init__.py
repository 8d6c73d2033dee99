"""Customer: one page that tells the whole story of an account."""

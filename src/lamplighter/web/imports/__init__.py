"""Imports: what was delivered, what became of it, and how to mend what could not be used."""

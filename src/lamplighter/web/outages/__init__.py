"""Outages: what is off, what will be, and writing it down."""

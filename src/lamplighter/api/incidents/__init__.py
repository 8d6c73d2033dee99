"""Faults of many."""

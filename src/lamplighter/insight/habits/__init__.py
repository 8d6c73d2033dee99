"""Habits: how each point uses electricity, by itself and beside its neighbours."""

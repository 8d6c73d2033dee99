"""Planned and unplanned outages: where, why, from when, until when, and each change of it."""

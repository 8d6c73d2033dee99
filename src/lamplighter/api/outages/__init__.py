"""Outages for programs: listed, read, recorded, changed, ended and called off."""

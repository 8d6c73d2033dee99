"""Spread: split the work, run a kernel on every part, merge; where it runs is an argument."""

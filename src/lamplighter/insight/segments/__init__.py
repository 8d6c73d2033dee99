"""Segments: value × behaviour × need, few, readable, steady."""

"""Lamplighter (点灯人): know, foresee, serve, prove."""

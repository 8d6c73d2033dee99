"""Failures of service."""

"""The tiny station that the nights of the foresight are tested on."""

from tests.findings.conftest import imported, station

__all__ = ["imported", "station"]

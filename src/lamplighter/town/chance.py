"""Randomness: one independent stream for each concern, so that one concern may change alone."""

import zlib

import numpy as np


def stream(*, seed: int, concern: str, part: int = 0) -> np.random.Generator:
    """Return the generator of one concern (and one part of it)."""
    key = zlib.crc32(concern.encode())
    return np.random.default_rng(np.random.SeedSequence(entropy=seed, spawn_key=(key, part)))

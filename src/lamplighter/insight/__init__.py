"""Insight: what facts mean. Kernels on arrays, without Django, files or policy."""

from pathlib import Path

from lamplighter.kernel import loops

loops.keep(sources=Path(__file__).parent)  # before the first of them is compiled or loaded

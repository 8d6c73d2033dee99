"""What the bytes of a night depend on, as the process that computes them has it."""

import hashlib
from functools import cache
from pathlib import Path

import pyarrow as pa

import lamplighter
from lamplighter.findings.rules import KERNELS
from lamplighter.insight.spread import cluster


@cache
def of_this_process() -> dict[str, str]:
    """Return names and versions that every process of a night must have alike.

    The code's own is a hash of all its files: a worker that was forgotten in an upgrade is found.
    """
    package = Path(lamplighter.__path__[0])
    digest = hashlib.sha256()
    for file in sorted([*package.rglob("*.py"), *package.rglob("policy/rules/**/*.toml")]):
        digest.update(str(file.relative_to(package)).encode() + b"\0" + file.read_bytes())
    return {
        **cluster.basic_versions(),
        "pyarrow": pa.__version__,
        "kernels": " ".join(f"{name}={version}" for name, version in sorted(KERNELS.items())),
        "lamplighter": digest.hexdigest()[:16],
    }

"""A process of its own that imports a file; with ``die`` it is killed between the two commits.

python importing_process.py LAKE FILE MAPPING [die]
"""

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import django

NOW = datetime(2026, 12, 1, 1, tzinfo=UTC)


def receive(*, lake: Path, file: Path, mapping: Path, now: datetime = NOW):
    """Import as the command line does."""
    from lamplighter.facts import receiving
    from lamplighter.facts.intake.services import Stores

    return receiving.receive_file(
        file=file,
        mapping_file=mapping,
        received_by="test",
        now=now,
        stores=Stores(archive_folder=lake.parent / "kept", lake_folder=lake, field_key=bytes(32)),
    )


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "lamplighter.config.settings"
    django.setup()
    lake, file, mapping = map(Path, sys.argv[1:4])
    if "die" in sys.argv:
        from lamplighter.facts.metering import lake as tables

        commit = tables.commit

        def commit_and_die(**what):
            commit(**what)
            os.kill(os.getpid(), signal.SIGKILL)

        tables.commit = commit_and_die
    print(receive(lake=lake, file=file, mapping=mapping).state)


if __name__ == "__main__":
    main()

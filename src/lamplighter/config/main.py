"""``lamplighter COMMAND``: every command of the operators."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

from lamplighter.config import environment, postgres


def main() -> None:
    """Run one command, with the embedded database where no other is named."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lamplighter.config.settings")
    try:
        if not os.environ.get("DATABASE_URL"):
            if os.environ.get("LAMPLIGHTER_PROFILE") == "production":
                raise environment.SettingsWrong("DATABASE_URL is required in production")
            checkout = Path(__file__).parents[3]
            home = Path(os.environ.get("LAMPLIGHTER_HOME") or checkout / ".lamp").absolute()
            os.environ["DATABASE_URL"] = postgres.ensure_running(home=home)
        execute_from_command_line(["lamplighter", *sys.argv[1:]])
    except (environment.SettingsWrong, postgres.EmbeddedPostgresFailed) as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()

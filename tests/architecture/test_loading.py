"""What a process loads: who serves pages must not wait for what only nights need."""

import subprocess
import sys

URLS = """
import sys
import django
django.setup()
from django.urls import get_resolver
assert get_resolver().url_patterns
print(*sorted({"numba", "lightgbm", "sklearn", "scipy"} & set(sys.modules)))
"""


def test_pages_and_commands_load_no_compiler_and_no_learner():
    done = subprocess.run([sys.executable, "-c", URLS], check=True, capture_output=True, text=True)

    assert done.stdout.split() == []

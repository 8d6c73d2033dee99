"""The site as it is served, with the bare views beside it, and the time each answer took.

The time is from the server's call until the answer is whole: all middleware, the session, the
viewer, the view and its template; ``Server-Timing`` says it in milliseconds, of the clock and of
this thread's processor time.
"""

import os
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lamplighter.config.settings")
settings.ROOT_URLCONF = "benchmarks.bare_urls"
_site = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer as the site does, and say how long it took."""
    began, worked = time.perf_counter(), time.thread_time()

    def timed(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        wall, own = time.perf_counter() - began, time.thread_time() - worked
        said = f"wall;dur={wall * 1000:.3f}, own;dur={own * 1000:.3f}"
        return start_response(status, [*headers, ("Server-Timing", said)], *more)

    return _site(environ, timed)

"""The product behind a real address, inside the transaction of the test that asks it."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core import signals
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import DEFAULT_DB_ALIAS, close_old_connections, connections
from django.test.testcases import QuietWSGIRequestHandler


class OneByOne:
    """Answers one request at a time: all of them share the test's own connection."""

    def __init__(self) -> None:
        self.application = StaticFilesHandler(WSGIHandler())
        self.turn = threading.Lock()

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        with self.turn:
            answer = self.application(environ, start)
            try:
                return list(answer)
            finally:
                answer.close()


class SharingServer(ThreadedWSGIServer):
    """Leaves the connection open after each request: it is the test's."""

    def _close_connections(self) -> None:
        pass


@contextmanager
def served(*, port: int) -> Iterator[str]:
    """Serve the product on a port of this machine, and give its address."""
    connection = connections[DEFAULT_DB_ALIAS]
    connection.inc_thread_sharing()
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)  # the connection is the test's
    server = SharingServer(
        ("localhost", port),
        QuietWSGIRequestHandler,
        allow_reuse_address=True,
        connections_override={DEFAULT_DB_ALIAS: connection},
    )
    server.set_app(OneByOne())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        for signal in (signals.request_started, signals.request_finished):
            signal.connect(close_old_connections)
        connection.dec_thread_sharing()

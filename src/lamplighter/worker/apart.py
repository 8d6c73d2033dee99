"""A process beside the worker: what it does holds up no clock, and its memory goes with it."""

import subprocess
from collections.abc import Sequence

SECONDS_TO_END = 10.0


class ApartFailed(RuntimeError):
    """The process ended by an error; it has told its log which."""


class Apart:
    """One command at a time, begun again when it is asked for and not at work."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Begin the command, unless it is at work.

        Raises
        ------
        ApartFailed
            It had ended by an error since it was last asked for; it begins at the next call.
        """
        process, self._process = self._process, None
        if process is not None:
            code = process.poll()
            if code is None:
                self._process = process
                return
            if code != 0:
                raise ApartFailed(f"{self._command[-1]}: {code}")
        self._process = subprocess.Popen(self._command)

    def end(self) -> None:
        """End the command, if it is at work: it goes on where it was when it begins again."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

"""How far a long command is: a bar for each part of its work, from when that part begins."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

WIDTH = 26  # of the words before a bar


@contextmanager
def bars(
    doing: Mapping[str, str], *, console: Console
) -> Iterator[Callable[[str, int, int], None]]:
    """Give what is told how much of a part is done, and of how much: part, done, all.

    *doing* has the words of each part. The bars end with the context.
    """
    with Progress(
        TextColumn(f"{{task.description:<{WIDTH}}}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    ) as progress:
        shown: dict[str, TaskID] = {}

        def on_progress(part: str, n_done: int, n_all: int) -> None:
            if part not in shown:
                shown[part] = progress.add_task(doing[part], total=n_all)
            progress.update(shown[part], completed=n_done)

        yield on_progress

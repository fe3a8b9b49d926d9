"""A run's progress on a terminal: one bar per phase, on standard error; silent where nobody watches."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tieout.sync.run import Progress as Told


@contextmanager
def bars() -> Iterator[Told]:
    """Something to pass as a run's `progress`."""
    if not sys.stderr.isatty():
        yield lambda phase, done, total: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as progress:
        tasks: dict[str, int] = {}

        def told(phase: str, done: int, total: int) -> None:
            if phase not in tasks:
                tasks[phase] = progress.add_task(phase.capitalize(), total=total or None)
            progress.update(tasks[phase], completed=done, total=max(total, done) or 1)  # type: ignore[arg-type]

        yield told

"""The one way to a terminal: whatever is shown to a person goes through here."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

from bayesopt.text import one_line, printable


def say(console: Console, text: str) -> None:
    """Print ``text`` as it is: no markup, no colours, no codes that a terminal obeys."""
    console.print(Text(printable(text)), soft_wrap=True)


def complain(message: str) -> None:
    """Say on standard error what is wrong."""
    say(Console(stderr=True), f"bayesopt: {message}")


def cell(text: str) -> Text:
    """``text`` for a cell of a table, on one line."""
    return Text(one_line(text))


@contextmanager
def log_shown(console: Console) -> Iterator[None]:
    """Print this package's warnings on ``console``, above a progress bar that it shows."""
    handler, log = _OnConsole(console), logging.getLogger("bayesopt")
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)


class _OnConsole(logging.Handler):
    def __init__(self, console: Console) -> None:
        super().__init__(logging.WARNING)
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        say(self._console, f"bayesopt: {record.getMessage()}")

"""The one way to a terminal: whatever is shown to a person goes through here."""

from __future__ import annotations

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

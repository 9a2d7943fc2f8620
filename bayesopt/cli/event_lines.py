"""What happened to the trials of a run, event by event: ``bayesopt show --history``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console

from bayesopt.cli.terminal import say
from bayesopt.text import one_line

if TYPE_CHECKING:
    from bayesopt.optimizer import Optimizer

_SAYS = {
    "asked": "asked",
    "told": "told",
    "failed": "failed",
    "abandoned": "abandoned",
    "stopped": "stopped early",
    "added": "added",
    "corrected": "corrected to",
    "retracted": "retracted",
}
_UNSAID = {"kind", "time", "worker", "number", "row"}
_UNSAID |= {"state", "held", "until", "origin", "outside"}


def history_of(optimizer: Optimizer) -> list[dict[str, Any]]:
    """The events that concern trials, in order, as JSON values."""

    space, found = optimizer.space, []
    for _, record in optimizer.storage.read(kinds=tuple(_SAYS)):
        entry = {k: v for k, v in record.items() if k not in _UNSAID}
        at = record.get("row")
        where = (
            {}
            if at is None
            else {"params": space.decode([float("nan") if v is None else v for v in at])}
        )
        when = datetime.fromtimestamp(record["time"], UTC).isoformat(timespec="seconds")
        found.append(
            {"event": record["kind"], "number": record["number"], "time": when, **where, **entry}
        )
    return found


def print_history(console: Console, optimizer: Optimizer) -> None:
    """Print a line an event."""
    for entry in history_of(optimizer):
        when = datetime.fromisoformat(entry["time"]).astimezone().strftime("%Y-%m-%d %H:%M")
        words = "  ".join([*_told(entry), *_where(entry)])
        says = _SAYS[entry["event"]]
        say(console, one_line(f"{when}  trial {entry['number']}  {says}  {words}".rstrip()))


def _told(entry: Mapping[str, Any]) -> Iterator[str]:
    for name in ("value", "sd", "cost"):
        if entry.get(name) is not None:
            yield f"{name}={entry[name]:.6g}"
    for role in ("objectives", "constraints", "records"):
        for name, number in (entry.get(role) or {}).items():
            yield f"{name}={number:.6g}"
    if entry.get("error"):
        yield str(entry["error"]) if entry["event"] != "corrected" else f"failed: {entry['error']}"
    if entry.get("why"):
        yield f"({entry['why']})"


def _where(entry: Mapping[str, Any]) -> Iterator[str]:
    if entry.get("params"):
        yield "at"
        for name, value in entry["params"].items():
            yield f"{name}={value:.6g}" if isinstance(value, float) else f"{name}={value}"

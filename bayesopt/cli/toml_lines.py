"""Where a message's fault stands in a specification, and the message in the file's spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable

_HEADER = re.compile(r"\s*\[+\s*([^\[\]]+?)\s*\]+\s*(?:#.*)?")
_KEY = re.compile(r"\s*(\"[^\"]*\"|'[^']*'|[A-Za-z0-9_.-]+)\s*=")
_TRUTH = re.compile(r"\b([a-z_]+)=(True|False)\b")


def line_of(text: str, table: str, words: Iterable[str] = ()) -> int | None:
    """The line, from 1, of the first of some words that is a key of a table, else of the table.

    ``table`` is as in its header: "space.x", "run"; "" for what stands before all tables.
    """
    places: dict[str, int] = {}
    present, header = "", None
    for number, line in enumerate(text.splitlines(), 1):
        if found := _HEADER.fullmatch(line):
            present = _unquoted(found[1])
            if present == table and header is None:
                header = number
        elif (key := _KEY.match(line)) is not None:
            name = _unquoted(key[1])
            if present == table:
                places.setdefault(name, number)
            dotted = f"{present}.{name}" if present else name
            if table and (dotted == table or dotted.startswith(f"{table}.")):
                header = header or number
    return next((places[word] for word in words if word in places), header)


def located(name: str, text: str, message: str) -> str:
    """A message with the file's line in it, where that is found, and with TOML's spelling.

    Parameters
    ----------
    name : of the file, with which the message begins.
    """
    said = _TRUTH.sub(lambda m: f"{m[1]} = {m[2].lower()}", message)
    body = said.removeprefix(f"{name}: ")
    line = _line(text, body)
    return said if line is None else f"{name}, line {line}: {body}"


def _line(text: str, body: str) -> int | None:
    words = re.findall(r"[A-Za-z0-9_.-]+", body)
    if table := re.match(r"\[(\w+)\]", body):
        return line_of(text, table[1], words)
    if table := re.match(r"unknown table '(\w+)'", body):
        return line_of(text, table[1])
    if (constraint := re.match(r"constraint (\d+)", body)) is not None:
        return _nth(text, "constraints", int(constraint[1]))
    if (parameter := re.match(r"([^:\[\]]+):", body)) is not None:
        return line_of(text, f"space.{parameter[1]}", words)
    return None


def _nth(text: str, table: str, n: int) -> int | None:
    lines = [
        number
        for number, line in enumerate(text.splitlines(), 1)
        if (found := _HEADER.fullmatch(line)) and found[1] == table
    ]
    return lines[n] if n < len(lines) else None


def _unquoted(header: str) -> str:
    return re.sub(r"[\"']", "", header)

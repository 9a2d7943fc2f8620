"""What a person is shown of a point or a table, as text and as HTML; whatever the names are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from bayesopt.checks import printed, text_of
from bayesopt.text import one_line

_LONGEST = 40  # characters of a cell


def value_text(value: object) -> str:
    """A value on one line, six digits of a number, not too long."""
    if isinstance(value, float):
        return f"{float(value):.6g}"
    return _cut(one_line(text_of(value) if isinstance(value, str) else printed(value)))


def name_text(name: object) -> str:
    """A name on one line, not too long."""
    return _cut(one_line(name))


def point_text(params: Mapping[str, Any]) -> str:
    """A point on one line: ``x=0.5, kind=tree``."""
    return ", ".join(f"{name_text(name)}={value_text(v)}" for name, v in params.items())


def table_text(rows: Sequence[Sequence[str]]) -> str:
    """Rows of equal length, the first of them the head, as aligned columns."""
    widths = [max(len(row[j]) for row in rows) for j in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(w) if j else cell.ljust(w)
            for j, (cell, w) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def table_html(title: str, rows: Sequence[Sequence[str]]) -> str:
    """The same as HTML under a line of text; every part is escaped."""
    head, *body = [[escape(cell) for cell in row] for row in rows]
    lines = [f"<div><p>{escape(title)}</p><table>"]
    if any(head):
        cells = "".join(f"<th>{cell}</th>" for cell in head)
        lines.append(f"<thead><tr>{cells}</tr></thead>")
    for first, *rest in body:
        cells = "".join(f"<td>{cell}</td>" for cell in rest)
        lines.append(f"<tr><th>{first}</th>{cells}</tr>")
    return "\n".join([*lines, "</table></div>"])


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"

"""HTML, every text of which is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from bayesopt.show import name_text, value_text
from bayesopt.text import one_line


class Markup(str):
    """Text that is HTML already; any other string is escaped on its way into a page."""

    __slots__ = ()


def text(content: object) -> Markup:
    """Content as it is read: escaped, on one line, without codes that a browser obeys."""
    if isinstance(content, Markup):
        return content
    return Markup(escape(one_line(content), quote=True))


def tag(name: str, *content: object, **attributes: object) -> Markup:
    """An element; ``class_`` is ``class``, other underscores are hyphens, None is left out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{written}>{join(content)}</{name}>")


def join(parts: Iterable[object], between: str = "") -> Markup:
    """Parts one behind the other, each escaped unless it is HTML."""
    return Markup(between.join(text(part) for part in parts))


def table(
    head: Sequence[object], rows: Iterable[Sequence[object]], class_: str | None = None
) -> Markup:
    """A table with a head, the first cell of each row a head too; it scrolls by itself."""
    columns = join(tag("th", cell, scope="col") for cell in head)
    body = join(
        tag("tr", tag("th", first, scope="row"), *(tag("td", cell) for cell in rest))
        for first, *rest in rows
    )
    whole = tag("table", tag("thead", tag("tr", columns)), tag("tbody", body), class_=class_)
    return tag("div", whole, class_="scroll")


def paragraph(*content: object, class_: str | None = None) -> Markup:
    """A paragraph."""
    return tag("p", *content, class_=class_)


def number(value: float | None, digits: int = 4) -> str:
    """A number for a person; a dash where there is none."""
    return "–" if value is None or value != value else f"{value:.{digits}g}"  # noqa: PLR0124


def duration(seconds: float) -> str:
    """A time as a person says it: "3.2 s", "4 min", "2.5 h"."""
    for size, unit in ((86_400.0, "days"), (3_600.0, "h"), (60.0, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"


def several(count: int, thing: str) -> str:
    """A count with its noun: "1 trial", "3 trials"."""
    return f"{count} {thing}{'' if count == 1 else 's'}"


def short(value: object, longest: int = 24) -> str:
    """A name or a value, cut to a length."""
    said = value_text(value) if isinstance(value, float) else name_text(value)
    return said if len(said) <= longest else f"{said[: longest - 1]}…"

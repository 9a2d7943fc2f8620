"""For the site: what stands behind the colon of a documented name is its description.

The NumPy style means a type by it; here annotations give the types. Roles such as
``:class:`~bayesopt.MapGP` `` become code.
"""

from __future__ import annotations

import re
from typing import Any

import griffe

_ROLE = re.compile(r":\w+:`~?([^`]+)`")
_SECTIONS = ("parameters", "attributes", "returns", "raises", "other parameters", "yields")


class Descriptions(griffe.Extension):
    """Moves the text of one-line entries from the type to the description."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring before it is parsed."""
        if obj.docstring is not None:
            obj.docstring.value = _rewritten(obj.docstring.value)


def _rewritten(text: str) -> str:
    text = _ROLE.sub(r"`\1`", text).replace("``", "`")
    lines, written, inside = text.splitlines(), [], False
    for i, line in enumerate(lines):
        follows = lines[i + 1] if i + 1 < len(lines) else ""
        if follows.startswith("---") and line.strip().lower() in _SECTIONS:
            inside = True
        elif follows.startswith("---"):
            inside = False
        entry = re.fullmatch(r"(\*{0,2}\w+(?:, \*{0,2}\w+)*) : (.*)", line) if inside else None
        written += [entry[1], "    " + entry[2]] if entry else [line]
    return "\n".join(written)

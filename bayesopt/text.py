"""Text from anywhere (names, choices, error messages, a file's contents) made safe to show."""

from __future__ import annotations

import json
import unicodedata

# Cc: C0 and C1 control codes, DEL. Cf: direction overrides and the invisible. Cs: lone surrogates,
# which no terminal can encode. Zl, Zp: line breaks in disguise.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_KEPT = frozenset("\n\t")
_JOINERS = frozenset("\u200c\u200d")  # letters of many scripts, and emoji, are joined by these

# What a spreadsheet takes for a formula (OWASP, "CSV Injection"), and the two marks used here.
_GUARDED = ("=", "+", "-", "@", "\t", "\n", "'", '"')


def printable(text: object) -> str:
    r"""``text`` without codes that a terminal obeys: each is written as an escape, ``\x1b``.

    Line breaks and tabs stay.
    """
    said = str(text)
    if said.isprintable():
        return said
    return "".join(c if _is_safe(c) else _escape(c) for c in said)


def one_line(text: object) -> str:
    """As :func:`printable`, on one line: breaks and tabs are escaped too."""
    return printable(text).replace("\n", r"\n").replace("\t", r"\t")


def csv_cell(text: str) -> str:
    r"""``text`` as a cell of a CSV file that no spreadsheet runs and no terminal obeys.

    Text that begins with one of ``= + - @ ' "``, a tab or a line break gets an apostrophe in
    front, unless it is a number; text with control codes becomes a JSON string
    (``"\u001b[2J"``). :func:`csv_text` undoes both.
    """
    if not all(_is_safe(c) for c in text):
        return json.dumps(text)
    return f"'{text}" if text.startswith(_GUARDED) and not _is_number(text) else text


def csv_text(cell: str) -> str:
    """The text that :func:`csv_cell` wrote; other cells as they are."""
    if cell.startswith("'"):
        return cell[1:]
    if cell.startswith('"'):
        try:
            read = json.loads(cell)
        except ValueError:
            return cell
        return read if isinstance(read, str) else cell
    return cell


def _is_safe(c: str) -> bool:
    return c.isprintable() or c in _KEPT or unicodedata.category(c) not in _UNSAFE or c in _JOINERS


def _escape(c: str) -> str:
    return c.encode("unicode_escape").decode("ascii")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.isascii() and text == text.strip()

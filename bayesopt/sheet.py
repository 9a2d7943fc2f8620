"""The cells of a CSV file as spreadsheets write it: which separator, which line, which column."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bayesopt.checks import shown
from bayesopt.text import csv_text

_SEPARATORS = (";", "\t", ",")
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_LONGEST_HEAD = 1_000_000  # characters
_DECIMAL_COMMA = re.compile(r"\s*[-+]?\d*,\d+(?:[eE][-+]?\d+)?\s*")
_UNIT = re.compile(r"\s*(?:\[[^\[\]]*\]|\([^()]*\)|/\s*\S+)\s*$")


@dataclass(frozen=True)
class Sheet:
    """A table of texts.

    Attributes
    ----------
    source : what messages call it.
    head : names of the columns, distinct.
    rows : line in the file -> the cells by column; rows of empty cells are left out.
    ragged : line -> what is wrong, for rows with more or fewer cells than the first.
    separator : between the cells; where it is no comma, numbers may have a decimal comma.
    """

    source: str
    head: tuple[str, ...]
    rows: Mapping[int, Mapping[str, str]]
    ragged: Mapping[int, str]
    separator: str

    def number(self, cell: str) -> str:
        """The text of a number with a point where the file has a decimal comma."""
        if self.separator != "," and _DECIMAL_COMMA.fullmatch(cell):
            return cell.replace(",", ".")
        return cell


def without_unit(heading: str) -> str:
    """ "temperature" for "temperature [C]", "temperature (C)" and "temperature / C"."""
    return _UNIT.sub("", heading).strip()


def read_sheet_file(path: str | Path) -> Sheet:
    """The table in a file: UTF-8, with or without a byte order mark.

    Raises
    ------
    OSError, ValueError : when there is none.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path} is not UTF-8 text ({error.reason}, byte {error.start}): save it as CSV UTF-8"
        ) from None
    return read_sheet(text, str(path))


def read_sheet(text: str, source: str) -> Sheet:
    """The table in a text; its first line names the columns.

    Raises
    ------
    ValueError : when it is no table.
    """
    text = text.removeprefix("\ufeff")
    separator = _separator(text)
    limit = csv.field_size_limit(max(len(text), 1))  # of the whole process, so it is put back
    found: list[tuple[int, list[str]]] = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        before = 0
        for cells in reader:
            found.append((before + 1, cells))
            before = reader.line_num
    except csv.Error as error:
        raise ValueError(f"{source} is no CSV: line {before + 1}: {error}") from None
    finally:
        csv.field_size_limit(limit)
    found = [(line, cells) for line, cells in found if any(map(str.strip, cells))]
    if not found:
        raise ValueError(f"{source} is empty; its first line must name the columns")
    head = [csv_text(name) for name in found[0][1]]
    while head and not head[-1].strip():  # a separator at the end of each line
        head.pop()
    for name in head:
        if not name.strip():
            raise ValueError(f"{source}: its first line has a column without a name")
        if head.count(name) > 1:
            raise ValueError(f"{source}: it has two columns {shown(name)}")
    rows, ragged = {}, {}
    for line, cells in found[1:]:
        while len(cells) > len(head) and not cells[-1].strip():
            cells.pop()
        if len(cells) != len(head):
            ragged[line] = f"it has {len(cells)} cells; the first line has {len(head)}"
        else:
            rows[line] = dict(zip(head, cells, strict=True))
    return Sheet(source, tuple(head), rows, ragged, separator)


def _separator(text: str) -> str:
    """The mark that the first line has most of, outside of quotes."""
    line = _QUOTED.sub("", text[:_LONGEST_HEAD]).lstrip("\r\n").partition("\n")[0]
    return max(_SEPARATORS, key=line.count) if any(m in line for m in _SEPARATORS) else ","

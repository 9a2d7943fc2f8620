"""Candidates in a CSV file: parameters, and descriptors that only the model sees."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bayesopt.checks import distinct_names, listed, shown, suggestion

from .choice import Categorical
from .numeric import Float
from .parameter import Parameter
from .scales import Floats
from .table import infer_column, orders_of

Columns = dict[str, list[Any]]


def read_columns(path: str | os.PathLike[str]) -> Columns:
    """The columns of a CSV file, by their headings: numbers where all cells of one are, else text.

    Raises
    ------
    OSError : when it cannot be read.
    ValueError : naming the line, when it is no table.
    """
    name = Path(path).name
    with open(path, newline="", encoding="utf-8-sig") as file:
        try:
            lines = list(csv.reader(file, strict=True))
        except (csv.Error, UnicodeDecodeError) as error:
            raise ValueError(f"{name}: is no CSV file in UTF-8: {error}") from None
    if not lines or not any(lines[0]):
        raise ValueError(f"{name}: is empty; the first line must hold the names of the columns")
    head = [heading.strip() for heading in lines[0]]
    for heading in head:
        if not heading or head.count(heading) > 1:
            raise ValueError(f"{name}: each column needs a name of its own; got {listed(head)}")
    rows = [(number, line) for number, line in enumerate(lines[1:], 2) if any(line)]
    for number, line in rows:
        if len(line) != len(head):
            raise ValueError(f"{name}, line {number}: expected {len(head)} cells; got {len(line)}")
    if not rows:
        raise ValueError(f"{name}: has no candidates, only the names of columns")
    return {h: _values([line[j] for _, line in rows]) for j, h in enumerate(head)}


def _values(cells: Sequence[str]) -> list[Any]:
    texts = [cell.strip() for cell in cells]
    try:
        numbers = [float(text) for text in texts]
    except ValueError:
        return texts
    if not all(map(math.isfinite, numbers)):
        return texts
    whole = all(text.lstrip("+-").isdecimal() for text in texts)
    return [int(text) for text in texts] if whole else numbers


def read_candidates(
    columns: Columns,
    descriptors: Iterable[str],
    ordinal: Iterable[str] | Mapping[str, Sequence[Any]],
) -> tuple[dict[str, Parameter], Floats]:
    """The parameters of candidates, descriptors last, and their rows (N, p).

    Raises
    ------
    TypeError, ValueError : for names that are no columns, and columns that are no parameters.
    """
    named = list(descriptors) if not isinstance(descriptors, str) else descriptors
    hidden = distinct_names("descriptors", named, "a list of names of columns") if named else []
    for name in hidden:
        if name not in columns:
            raise ValueError(
                f"descriptors: {shown(name)} is not a column of the file"
                f"{suggestion(name, columns)}; expected {listed(columns)}"
            )
    visible = [name for name in columns if name not in hidden]
    if not visible:
        raise ValueError("descriptors: a column must be left that is a parameter")
    orders = orders_of(ordinal, visible)
    parameters: dict[str, Parameter] = {}
    numbers: list[Floats] = []
    for name in (*visible, *hidden):
        values = columns[name]
        if name in hidden:
            values, found = _descriptor(values)
        else:
            found = infer_column(name, values, orders)
        if found is None:
            continue  # a descriptor of one value says nothing
        parameters[name] = found
        if found.scale() is not None:
            known = {value: found.encode(value, name) for value in set(values)}
            numbers.append(np.array([known[value] for value in values]))
    rows = np.array(numbers).T if numbers else np.empty((len(columns[visible[0]]), 0))
    return parameters, rows


def _descriptor(values: list[Any]) -> tuple[list[Any], Parameter | None]:
    """A descriptor's values, numbers scaled to [0, 1] (nobody sees them), and its parameter."""
    if len(set(values)) == 1:
        return values, None
    if isinstance(values[0], str):
        return values, Categorical(sorted(set(values)), role="descriptor")
    numbers = np.array(values, dtype=np.float64) / 2.0  # so that no range is too large
    low, high = numbers.min(), numbers.max()
    scaled: list[float] = ((numbers - low) / (high - low)).tolist()
    return scaled, Float(0.0, 1.0, role="descriptor")

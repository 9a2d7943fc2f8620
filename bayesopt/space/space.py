"""The space that is searched: how it is built, read, written, shown, and fixed in part."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import Any

import numpy as np

from bayesopt.checks import not_too_deep, shown
from bayesopt.show import name_text, table_html

from . import candidate_file, counting, documents, part, point_codec, table
from .bounds import bounded_by_others
from .constraints import Constraint, read_constraints
from .legal import LegalPoints
from .parameter import Parameter
from .restricted import RestrictedScale
from .scale_blocks import ScaleBlocks
from .scales import Floats

_MANY_ROWS = 2_000  # of a table that is read: from here on they are checked all at once


class Space(LegalPoints):
    """Named parameters, the conditions under which they are active, and known constraints.

    A point has four forms. *params* is the mapping that an objective gets: inactive parameters
    are absent. A *row* (p,) holds natural values, the index for listed values, and NaN where
    inactive; ``decode(encode(params)) == params``. *Coordinates* (p,) are what a model sees:
    [0, 1] for numbers and ordered values, the index for unordered ones, NaN where inactive. The
    *cube* is any point of [0, 1]^p. Constants have no column; p is the number of the others.

    Parameters
    ----------
    mapping : name -> parameter, for names that are no Python identifiers.
    constraints : :class:`LinearConstraint` or functions of params that return True where the
        point may be evaluated.
    **parameters : name=parameter.

    A bound may be another parameter, ``k=Int(1, "n")``: a constraint between the two.

    A parameter's ``when={"booster": "tree", "kernel": ["rbf", "poly"]}`` makes it active only at
    points where every named parent is active and has the value, or one of the listed values.

    Raises
    ------
    TypeError, ValueError : naming the parameter, for conditions or constraints that cannot be
        met or refer to unknown names.

    Examples
    --------
    >>> from bayesopt import Categorical, Float, Int
    >>> space = Space(x=Float(0, 1), kind=Categorical(["a", "b"]), k=Int(1, 9, when={"kind": "a"}))
    >>> space.decode(space.encode({"x": 0.5, "kind": "b"}))
    {'x': 0.5, 'kind': 'b'}
    """

    def __init__(
        self,
        mapping: Mapping[str, Parameter] | None = None,
        /,
        *,
        constraints: Iterable[Constraint] = (),
        **parameters: Parameter,
    ) -> None:
        read, between = bounded_by_others(point_codec.read_parameters(mapping, parameters))
        super().__init__(read, [*between, *read_constraints(constraints)])

    @classmethod
    def from_table(
        cls,
        points: Sequence[Mapping[str, Any]],
        *,
        ordinal: Iterable[str] | Mapping[str, Sequence[Any]] = (),
    ) -> Space:
        """Space whose only legal points are the given ones.

        Parameters
        ----------
        points : at least one mapping; all with the same names. Repeated points are kept once.
            Columns of numbers become ordered values placed by their size, columns of one value
            constants, all others categorical.
        ordinal : names of columns to be taken as ordered and evenly spaced, sorted; or name ->
            the values in order.

        Raises
        ------
        TypeError, ValueError : naming the point and column, when they do not form a table.
        """
        with not_too_deep("the table"):
            read = table.read_points(points)
        space = cls(table.infer_parameters(read, ordinal))
        return space._only(np.array([space.encode(point) for point in read]))

    @classmethod
    def from_csv(
        cls,
        path: str | os.PathLike[str],
        *,
        descriptors: Iterable[str] = (),
        ordinal: Iterable[str] | Mapping[str, Sequence[Any]] = (),
    ) -> Space:
        """Space whose only legal points are the rows of a CSV file (up to 100,000).

        Parameters
        ----------
        path : the file; the first line holds the names of the columns. A column of numbers
            becomes ordered values placed by their size, one of text categorical.
        descriptors : names of columns that the model sees beside the parameters, such as the
            measured properties of a solvent. They are no parameters: a point does not show them,
            and is told apart from the others without them.
        ordinal : as for :meth:`from_table`, of the parameters.

        Raises
        ------
        OSError, TypeError, ValueError : naming the line or the column, for what is no table, and
            for two rows of one point with other descriptors.
        """
        columns = candidate_file.read_columns(path)
        parameters, rows = candidate_file.read_candidates(columns, descriptors, ordinal)
        return cls(parameters)._only(rows)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Space:
        """Space that :meth:`to_json` wrote; unknown keys are refused with a suggestion."""
        with not_too_deep("the space"):
            parameters, constraints, rows = documents.read_json(data)
        space = cls(parameters, constraints=constraints)
        if rows is None:
            return space
        if len(rows) >= _MANY_ROWS or space.is_descriptor.any():
            return space._only(table.checked_rows(rows, space._scales))
        return space._only(np.array([space.encode(space.decode(row)) for row in rows]))

    @classmethod
    def from_toml(
        cls, source: str | os.PathLike[str] | Mapping[str, Any], *, other: Iterable[str] = ()
    ) -> Space:
        """Space described in TOML by ``[space.NAME]`` tables and ``[[constraints]]``.

        In place of ``[space.NAME]`` there may be ``[candidates]`` with ``file``, ``descriptors``
        and ``ordinal``: see :meth:`from_csv`. The file is looked for beside the TOML file.

        Parameters
        ----------
        source : a file's path, TOML text (anything with a line break or ``=``), or what
            ``tomllib`` made of it.
        other : further top-level keys that may be there and are not looked at.

        Raises
        ------
        TypeError, ValueError : naming the parameter; for a misspelt key with the right one.
        """
        with not_too_deep("the space"):
            parameters, constraints, listed = documents.read_toml(source, tuple(other))
        return cls.from_csv(**listed) if listed else cls(parameters, constraints=constraints)

    def to_json(self) -> dict[str, Any]:
        """Write the space as JSON values.

        Raises
        ------
        ValueError : for callable constraints and for choices that JSON does not have.
        """
        return documents.write_json(self._parameters, self.constraints, self._table_rows())

    def fix(self, params: Mapping[str, Any]) -> Space:
        """The part of the space in which some parameters have given values.

        It has the same parameters and columns: only its legal points are fewer. A conditional
        parameter that is fixed is active, so its parents have values for which it is.

        Parameters
        ----------
        params : name -> value.

        Raises
        ------
        TypeError, ValueError : for unknown names, impossible values, values that exclude each
            other, and when no point of the table has them.

        Examples
        --------
        >>> from bayesopt import Float
        >>> part = Space(x=Float(0, 1), y=Float(0, 1)).fix({"x": 0.25})
        >>> part.snap([[0.9, 0.5]]).tolist()
        [[0.25, 0.5]]
        """
        if not isinstance(params, Mapping):
            raise TypeError(f"fixed must map names to values; got {shown(params)}")
        left = part.left(params, self._parameters, self._conditions)
        fixed = copy(self)
        fixed.__dict__.pop("_feasible", None)  # what was found of the whole
        scales = list(self._scales.scales)
        for name, numbers in left.items():
            if name in self._column:
                j = self._column[name]
                scales[j] = RestrictedScale.of(scales[j], numbers)
        fixed._scales = ScaleBlocks(scales)
        fixed._conditions = self._conditions.within(left)
        fixed._middle = fixed._scales.snap(self._middle[None])[0]
        fixed._fixed = {**self._fixed, **params}
        fixed._count = counting.count_points(fixed._conditions, self._column, fixed.n_levels)
        if self._table is not None:
            fixed._table = self._table[fixed._has_fixed(self._table)]
            if not len(fixed._table):
                raise ValueError(f"no point of the table has {dict(params)!r}")
        return fixed

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Space):
            return NotImplemented
        mine, others = self._table, other._table
        return (
            list(self._parameters.items()) == list(other._parameters.items())
            and self.constraints == other.constraints
            and self._fixed == other._fixed
            and (mine is None) == (others is None)
            and (mine is None or others is None or np.array_equal(mine, others))
        )

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((tuple(self._parameters.items()), self.constraints))

    def __getstate__(self) -> dict[str, Any]:
        # texts have other hashes in another process
        return {name: value for name, value in vars(self).items() if name != "_hash"}

    def __repr__(self) -> str:
        lines = [f"    {name!r}: {parameter!r}," for name, parameter in self._parameters.items()]
        end = "})" if not self.constraints else f"}}, constraints={list(self.constraints)!r})"
        rows = "" if self._table is None else f"  # a table of {len(self._table)} points"
        return "\n".join(["Space({", *lines, end + rows])

    def _repr_html_(self) -> str:
        rows = [["parameter", ""]]
        rows += [[name_text(n), shown(p)] for n, p in self._parameters.items()]
        rows += [["constraint", shown(constraint)] for constraint in self.constraints]
        table = "" if self._table is None else f", a table of {len(self._table)} points"
        return table_html(f"Space of {len(self.names)} parameters{table}", rows)

    def _only(self, rows: Floats) -> Space:
        # A table of constants alone has rows without columns, which np.unique cannot sort.
        self._table = self.to_coords(np.unique(rows, axis=0) if self.n_columns else rows[:1])
        if self.is_descriptor.any():
            self._descriptors.check_distinct(self.decode)
        return self

    def _table_rows(self) -> list[list[float]] | None:
        return None if self._table is None else self.to_rows(self._table).tolist()

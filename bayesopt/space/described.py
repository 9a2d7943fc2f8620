"""Points of a table whose candidates have descriptors, which the model sees and a point hides."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from . import table
from .encoding import SpaceEncoding
from .scales import Floats


class DescribedEncoding(SpaceEncoding):
    """An encoding that knows the descriptors of each point of its table."""

    _table: Floats | None

    def encode(self, params: Mapping[str, Any], *, outside: bool = False) -> Floats:
        """Row (p,) of a point.

        Parameters
        ----------
        params : every active parameter by name, no inactive one; constants may be left out.
        outside : accept numbers out of bounds or between the steps.

        Raises
        ------
        TypeError, ValueError : naming the parameter that is missing, unknown, inactive or has a
            value that it cannot take; for a point whose descriptors are not known.
            Constraints and tables are :meth:`validate`'s business.
        """
        row = super().encode(params, outside=outside)
        if self.is_descriptor.any():
            row[self.is_descriptor] = self._descriptors.of(row, params)
        return row

    @cached_property
    def _descriptors(self) -> table.Descriptors:
        rows = np.empty((0, self.n_columns)) if self._table is None else self._table
        return table.Descriptors(self._scales.to_rows(rows), self.is_descriptor)

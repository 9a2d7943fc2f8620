"""Results that people have in a table, taken into a run."""

from __future__ import annotations

from pathlib import Path

from bayesopt.checks import truth
from bayesopt.optimizer.queries import RunQueries
from bayesopt.trial import Trial


class RunTables(RunQueries):
    """The method of :class:`~bayesopt.Optimizer` that reads a table."""

    def add_csv(
        self,
        path: str | Path,
        *,
        outside: bool = False,
        ignore_units: bool = False,
        ignore_columns: bool = False,
        again: bool = False,
    ) -> list[Trial]:
        """Record the observations of a CSV file, all or none.

        A column for each parameter, ``value`` (or the objective's name) and the run's other
        outputs by name; ``sd``, ``cost``, ``info`` and ``error`` where known. What
        ``Result.to_csv`` wrote will do. An empty cell or ``nan`` says that a parameter is
        inactive. ``failed`` in place of the value, or a text in the column ``error``, is a
        failure. Separated by commas, semicolons or tabs; with the latter two numbers may have a
        decimal comma.

        Parameters
        ----------
        path : the file, UTF-8.
        outside : keep points beyond the bounds or off the grid: they inform the model only.
        ignore_units : read the column ``temperature [C]`` as ``temperature``.
        ignore_columns : leave out columns that are no parameters and no outputs.
        again : take rows that the run has already, as further evaluations; else they are left
            out, so that a growing table can be added again.

        Returns
        -------
        The trials that were added.

        Raises
        ------
        OSError, ValueError : naming every line and column that cannot be taken; then none is.
        """
        from bayesopt.optimizer.sheets import read_observations

        found = read_observations(
            path,
            self,
            outside=truth("outside", outside),
            ignore_units=truth("ignore_units", ignore_units),
            ignore_columns=truth("ignore_columns", ignore_columns),
            again=truth("again", again),
        )
        return self._event_log.add(found.rows, outside)

"""All candidates of a finite space in one table: tried, to be tried, and what is expected."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import numpy as np

from bayesopt.cells import Cells
from bayesopt.optimizer.queries import RunQueries
from bayesopt.text import csv_cell
from bayesopt.trial import TrialState
from bayesopt.trial_table import column_of

_PRIORITY = {TrialState.PENDING: 1}  # of a trial that was handed out; -1 of one that has ended
_GONE = (TrialState.RETRACTED, TrialState.ABANDONED)  # the point is as if it had not been asked


class RunCandidates(RunQueries):
    """The method of :class:`~bayesopt.Optimizer` that writes the table."""

    def write_priorities(self, path: str | os.PathLike[str]) -> None:
        """Write all candidates to a CSV file, with a column ``priority`` as EDBO+ has it.

        It is 1 for a point that was asked for and is waited for, -1 for one that was tried, 0 for
        the others. Those with 1 come first, then those with 0, those of the best prediction first.
        ``value`` is what was told; ``predicted_mean`` and ``predicted_sd`` are of the noise-free
        value, in its units, empty before the first one.

        Parameters
        ----------
        path : a file; one that is there is replaced.

        Raises
        ------
        ValueError : for a space of more than 100,000 points, and for several objectives.
        OSError : when the file cannot be written.
        """
        objective = self.problem.objective
        space = self.space
        coords = space.enumerate()
        mean = sd = np.full(len(coords), np.nan)
        points = [space.decode(row) for row in space.to_rows(coords)]
        trials = [t for t in self.trials if t.state not in _GONE]
        if any(t.value is not None for t in trials) and points:
            found = self.predict(points)
            mean, sd = np.asarray(found.mean), np.asarray(found.sd)
        place = {tuple(p.items()): i for i, p in enumerate(points)}
        priority, values = np.zeros(len(points), dtype=int), [""] * len(points)
        for trial in trials:
            at = place.get(tuple((n, trial.params[n]) for n in space.names if n in trial.params))
            if at is not None:
                priority[at] = _PRIORITY.get(trial.state, -1)
                values[at] = values[at] if trial.value is None else repr(float(trial.value))
        better = -mean if objective.sign < 0 else mean
        order = np.lexsort((np.nan_to_num(better), -priority))
        cells = {name: Cells(parameter) for name, parameter in space.parameters.items()}
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        head = [csv_cell(column_of(name)) for name in space.names]
        writer.writerow([*head, objective.name, "priority", "predicted_mean", "predicted_sd"])
        for i in order:
            point = points[i]
            own = [cells[n].write(point[n]) if n in point else "" for n in space.names]
            known = ["" if np.isnan(v) else repr(float(v)) for v in (mean[i], sd[i])]
            writer.writerow([*own, values[i], priority[i], *known])
        Path(path).write_text(text.getvalue(), encoding="utf-8")

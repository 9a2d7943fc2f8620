"""A run's model checked against its own results."""

from __future__ import annotations

from bayesopt.output import Output
from bayesopt.sensitivity.draws import Laplace
from bayesopt.sensitivity.fitted_run import FittedRun
from bayesopt.sensitivity.left_out import LeftOut, leave_one_out


def predictions_left_out(run: FittedRun, output: Output) -> LeftOut | None:
    """Each result of an output predicted from all others, with what fitting takes of it; None
    where that cannot be had.

    Raises
    ------
    ValueError : with fewer than two results.
    """
    data = run.observations(output)
    fitted = run.model.fits[output]
    laplace = Laplace.of(fitted, run.data.columns, data, run.config.surrogate)
    determined = 0.0 if laplace is None else laplace.determined
    return leave_one_out(fitted, data.coords, determined)

"""The model along one parameter, the others kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.optimizer.prediction import Prediction
from bayesopt.output import Objective
from bayesopt.sensitivity import FittedRun
from bayesopt.space import Space

Floats = NDArray[np.float64]
_FINE = 41  # points


@dataclass(frozen=True, eq=False)
class Along:
    """The posterior along a parameter.

    Attributes
    ----------
    x : (m,) values of the parameter, ascending; listed values are 0, 1, 2, ...
    mean : (m,) of the noise-free objective, in its units.
    low, high : (m,) the ends of the 90 % credible interval of the noise-free objective.
    """

    x: Floats
    mean: Floats
    low: Floats
    high: Floats


def along(run: FittedRun, objective: Objective, center: Floats, j: int) -> Along | None:
    """The model along column j through a point (p,); None where no such point is legal, or there
    is no model.
    """
    fitted = run.model.fits.get(objective)
    if fitted is None:
        return None
    points, rows = moved(run.data.space, center, [j], levels(run.data.space, j, _FINE)[:, None])
    x, first = np.unique(rows[:, j], return_index=True)
    known = ~np.isnan(x)
    if not known.any():
        return None
    mean, var = fitted.posterior.mean_var(points[first[known]])
    belief = Prediction(mean, np.sqrt(var), fitted.transform, objective.sign)
    ends = belief.quantile(0.05), belief.quantile(0.95)
    return Along(x[known], belief.mean, np.minimum(*ends), np.maximum(*ends))


def levels(space: Space, j: int, most: int) -> Floats:
    """Coordinates along a column: all its levels, or ``most`` even ones."""
    if space.n_levels[j] <= most:
        return space.level_coords(j)
    return np.linspace(0.0, 1.0, most)


def moved(space: Space, center: Floats, columns: list[int], to: Floats) -> tuple[Floats, Floats]:
    """Legal coordinates (m, p) of a point (p,) with some columns set to (m, c), and their rows; a
    row is NaN where the known constraints do not allow the point.
    """
    points = np.repeat(center[None], len(to), axis=0)
    points[:, columns] = to
    points = space.snap(points)
    rows = space.to_rows(points)
    rows[~space.allowed(points)] = np.nan
    return points, rows

"""Pictures of runs, by matplotlib; none touches global state.

Functions with ``ax=`` draw on the axes that they are given, or on those of a new figure.
``calibration``, ``curves``, ``importance`` and ``timeline`` return the axes:
``calibration(result).figure.savefig("picture.png")``; the others a figure, which shows itself in a
notebook.
"""

from bayesopt.plots.convergence import convergence
from bayesopt.plots.explained import calibration, importance
from bayesopt.plots.learning import curves
from bayesopt.plots.parallel import parallel
from bayesopt.plots.posterior import lengthscales, predictive, trace
from bayesopt.plots.slices import slices
from bayesopt.plots.timeline import timeline
from bayesopt.plots.tradeoffs import front, hypervolume, parallel_front

__all__ = [
    "calibration",
    "convergence",
    "curves",
    "front",
    "hypervolume",
    "importance",
    "lengthscales",
    "parallel",
    "parallel_front",
    "predictive",
    "slices",
    "timeline",
    "trace",
]

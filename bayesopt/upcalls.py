"""Where a lower room asks an upper one: by name, when a user calls, and nowhere but here.

A result shows a picture, a report, and what matters. These are made of results and stand above
them, so an import from below would close a circle.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Literal

Name = Literal[
    "convergence", "fitted_run", "front", "result_of_observed", "what_matters", "write_report"
]

ROOMS: dict[Name, str] = {
    "convergence": "bayesopt.plots",
    "fitted_run": "bayesopt.optimizer.fitted",
    "front": "bayesopt.plots",
    "result_of_observed": "bayesopt.optimizer.fronts",
    "what_matters": "bayesopt.sensitivity",
    "write_report": "bayesopt.report",
}


def upper(name: Name) -> Any:
    """The function of an upper room that is called so."""
    return getattr(import_module(ROOMS[name]), name)

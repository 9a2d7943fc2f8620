"""The model's curve and band in a panel of slices."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bayesopt.plots.figure import COLOURS
from bayesopt.trial import Trial

if TYPE_CHECKING:
    from bayesopt.optimizer.along import Along
    from bayesopt.result import Result

logger = logging.getLogger("bayesopt")


def model_along(result: Result, names: Sequence[str]) -> dict[str, Along]:
    """The model along parameters through the recommended trial, or the best where a parameter is
    active; without those that it says nothing of.
    """
    from bayesopt.optimizer.along import along
    from bayesopt.optimizer.config_codec import MissingPart
    from bayesopt.optimizer.fitted import fitted_run

    try:
        run = fitted_run(result)
        objective, space, found = run.data.problem.objective, result.space, {}
        for name in names:
            trial = center(result, name)
            if trial is None:
                continue
            row = space.encode(trial.params, outside=True)
            line = along(run, objective, space.to_coords(row[None])[0], space.columns.index(name))
            if line is not None:
                found[name] = line
    except (MissingPart, ValueError, ArithmeticError) as error:
        logger.warning("slices are drawn without the model: %s", error)
        return {}
    return found


def center(result: Result, name: str) -> Trial | None:
    """The recommended trial, or the best one in which a parameter is active."""
    chosen = result.recommended or result.best
    if chosen is not None and name in chosen.params:
        return chosen
    sign = 1.0 if result.direction == "minimize" else -1.0
    active = [t for t in result.trials if t.feasible and name in t.params]
    return min(active, key=lambda t: sign * (t.value or 0.0), default=None)


def draw_line(axes: Any, line: Along, *, listed: bool) -> None:
    """Draw the curve and its band; for listed values a bar at each."""
    if not listed:
        axes.fill_between(line.x, line.low, line.high, color=COLOURS[0], alpha=0.16, linewidth=0)
        axes.plot(line.x, line.mean, color=COLOURS[0], linewidth=1.6)
        return
    size = line.high - line.low
    axes.bar(line.x, size, bottom=line.low, width=0.64, color=COLOURS[0], alpha=0.16, linewidth=0)
    width = np.full(len(line.x), 0.32)
    axes.hlines(line.mean, line.x - width, line.x + width, color=COLOURS[0], linewidth=1.6)

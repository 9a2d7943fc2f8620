"""The progress of a run as one line of blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bayesopt.trial import Trial

if TYPE_CHECKING:
    from bayesopt.result import Result

_BLOCKS = "▁▂▃▄▅▆▇█"
_WIDTH = 60


def best_line(result: Result) -> str | None:
    """The best value so far after each result, worst high and best low when minimising, or the
    hypervolume of several objectives; at most 60 blocks. None with fewer than three feasible
    values.
    """
    curve = result.hypervolume.values.tolist() if result.several else _best_so_far(result)
    if len(curve) < 3:
        return None
    if len(curve) > _WIDTH:
        curve = [curve[round(i * (len(curve) - 1) / (_WIDTH - 1))] for i in range(_WIDTH)]
    low, high = min(curve) / 2, max(curve) / 2  # halves: the difference may leave the floats
    size = high - low or 1.0
    top = len(_BLOCKS) - 1
    return "".join(_BLOCKS[round((value / 2 - low) / size * top)] for value in curve)


def _best_so_far(result: Result) -> list[float]:
    better = min if result.direction == "minimize" else max
    curve: list[float] = []
    for trial in result.trials:
        value = _feasible(trial)
        if value is not None:
            curve.append(better(curve[-1], value) if curve else value)
    return curve


def _feasible(trial: Trial) -> float | None:
    return trial.value if trial.feasible else None

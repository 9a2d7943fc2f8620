"""The table of evaluations that ``bayes_opt`` prints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_WIDTH = 11


class Table:
    """Prints evaluations as they come.

    Parameters
    ----------
    verbose : 2 for every evaluation, 1 for new maxima, 0 for nothing.
    constrained : whether there is a column for the constraint.
    """

    def __init__(self, verbose: int, constrained: bool) -> None:
        self._verbose = verbose
        self._constrained = constrained
        self._count = 0
        self._best: float | None = None
        self._rule = 0

    def start(self, names: Iterable[str]) -> None:
        """The head."""
        allowed = ["allowed"] if self._constrained else []
        line = _line(["iter", "target", *allowed, *names])
        self._rule = len(line)
        self._print(f"{line}\n{'-' * self._rule}")

    def show(self, evaluation: Mapping[str, Any], best: Mapping[str, Any] | None) -> None:
        """One evaluation, and the maximum so far."""
        self._count += 1
        is_best = best is not None and (self._best is None or best["target"] > self._best)
        if best is not None and is_best:
            self._best = best["target"]
        if self._verbose >= 2 or is_best:
            allowed = [evaluation["allowed"]] if self._constrained else []
            cells = [self._count, evaluation["target"], *allowed, *evaluation["params"].values()]
            self._print(_line(cells))

    def end(self) -> None:
        """The foot."""
        self._print("=" * self._rule)

    def _print(self, text: str) -> None:
        if self._verbose:
            print(text)


def _line(cells: Iterable[Any]) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(value: Any) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return (text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…").ljust(_WIDTH)

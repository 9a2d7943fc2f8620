"""What a search is for: one score, or several objectives at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import nondominated
from bayesopt.checks import distinct_names, listed, mapping, one_of, shown, suggestion

Results = Mapping[str, Any]

_DIRECTIONS = ("maximize", "minimize")
_WHAT = (
    "a list of scores, such as ['accuracy', 'neg_fit_time'], or a dict of names and directions, "
    "such as {'accuracy': 'maximize', 'fit_time': 'minimize'}"
)
# what scikit-learn measures beside the scores: column of cv_results_, sign
_TIMES = {
    "fit_time": ("mean_fit_time", 1.0),
    "score_time": ("mean_score_time", 1.0),
    "neg_fit_time": ("mean_fit_time", -1.0),
    "neg_score_time": ("mean_score_time", -1.0),
}


@dataclass(frozen=True)
class Goals:
    """The objectives of a search.

    Attributes
    ----------
    directions : of several objectives, by name; None: there is one, the score.
    scoring : what scikit-learn is to compute.
    refit : the argument of this name.
    """

    directions: Mapping[str, str] | None
    scoring: Any
    refit: Any

    @classmethod
    def read(cls, objectives: Any, scoring: Any, refit: Any) -> Goals:
        """The goals of these arguments of a search.

        Raises
        ------
        TypeError, ValueError : naming the argument that is wrong.
        """
        if objectives is None:
            return cls(None, scoring, refit)
        directions = _directions(objectives)
        scores = [name for name in directions if name not in _TIMES]
        if scoring is None:
            from sklearn.metrics import get_scorer_names

            _check_known(scores, get_scorer_names(), "scikit-learn's scorers")
            scoring = scores
        elif isinstance(scoring, str):
            scoring = [scoring]
        if not callable(scoring):  # the names of a function's scores are known when it was called
            _check_known(scores, scoring, f"the scores of scoring, {listed(list(scoring))},")
            _check_refit(refit, list(scoring))
        if not scores:
            raise ValueError("objectives must have at least one score beside the times")
        return cls(directions, scoring, refit)

    @property
    def several(self) -> bool:
        """Whether there are several objectives."""
        return self.directions is not None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the objectives; that of one score is "value"."""
        return ("value",) if self.directions is None else tuple(self.directions)

    def arguments(self) -> dict[str, Any]:
        """What :class:`~bayesopt.Optimizer` is to be given."""
        if self.directions is None:
            return {"direction": "maximize"}
        return {"objectives": dict(self.directions)}

    def means(self, results: Results) -> list[dict[str, float]]:
        """Each candidate's mean over the splits by objective; of one score it is the "value".

        Raises
        ------
        ValueError : when the scores lack an objective.
        """
        if self.directions is None:
            return [{"value": float(mean)} for mean in results[self._column(results)]]
        columns = {name: self._means_of(name, results) for name in self.directions}
        n = len(results["params"])
        return [{name: float(columns[name][i]) for name in columns} for i in range(n)]

    def score(self, fit: Mapping[str, Any]) -> float:
        """The score of one fit that guides a search for one score."""
        scores = fit["test_scores"]
        if not isinstance(scores, Mapping):
            return float(scores)
        guides = self.refit if isinstance(self.refit, str) and self.refit in scores else None
        return float(scores[guides or next(iter(scores))])

    def minimised(self, values: Mapping[str, float]) -> Any:
        """What a trial's values are where less is better, a number or a list of them; infinite
        for one that has none, as it failed or was given up.
        """
        if self.directions is None:
            return -values.get("value", -np.inf)
        return [
            (1.0 if direction == "minimize" else -1.0) * values[name] if values else np.inf
            for name, direction in self.directions.items()
        ]

    def front(self, results: Results) -> tuple[NDArray[np.int64], dict[str, Any]]:
        """The candidates that none dominates: their places in ``cv_results_``, and a table; in
        the order of the first objective, the best first.
        """
        directions = self.directions or {}
        columns = {name: self._means_of(name, results) for name in directions}
        signs = [1.0 if d == "minimize" else -1.0 for d in directions.values()]
        values = np.column_stack(list(columns.values())) * signs
        values[~np.isfinite(values).all(axis=1)] = np.nan
        which = np.flatnonzero(nondominated(values))
        which = which[np.lexsort(values[which].T[::-1])]
        table: dict[str, Any] = {"index": which}
        table |= {name: column[which] for name, column in columns.items()}
        table["params"] = [results["params"][i] for i in which]
        return which, table

    def _means_of(self, name: str, results: Results) -> NDArray[np.float64]:
        column, sign = f"mean_test_{name}", 1.0
        if column not in results:
            column, sign = _TIMES.get(name, (column, sign))
        if column not in results:
            known = [c.removeprefix("mean_test_") for c in results if c.startswith("mean_test_")]
            _check_known([name], known, f"the scores of scoring, {listed(known)},")
        return sign * np.asarray(results[column], dtype=float)

    def _column(self, results: Results) -> str:
        """The column that guides the search: the metric of ``refit``, or else the first one."""
        if isinstance(self.refit, str) and f"mean_test_{self.refit}" in results:
            return f"mean_test_{self.refit}"
        return next(name for name in results if name.startswith("mean_test_"))


def _directions(objectives: Any) -> dict[str, str]:
    if isinstance(objectives, str):
        raise TypeError(f"objectives must be {_WHAT}; got {shown(objectives)}")
    if isinstance(objectives, Mapping):
        given = dict(mapping("objectives", objectives, _WHAT))
        for name, direction in given.items():
            one_of(f"objectives[{name!r}]", direction, _DIRECTIONS)
    else:
        given = dict.fromkeys(distinct_names("objectives", objectives, _WHAT), "maximize")
    if len(given) < 2:
        raise ValueError(
            f"objectives must be at least two: {_WHAT}; got {shown(objectives)}. One score is "
            "scoring="
        )
    for name, direction in given.items():
        wanted = "maximize" if str(name).startswith("neg_") else "minimize"
        if name in _TIMES and direction != wanted:
            raise ValueError(
                f"objectives: {direction} {name} is to take as long as possible; write "
                "'neg_fit_time' in a list, or {'fit_time': 'minimize'}"
            )
    return given


def _check_known(names: list[str], scoring: Iterable[str], what: str) -> None:
    known = list(scoring)
    for name in names:
        if name not in known:
            raise ValueError(
                f"objectives: {name!r} is none of {what} nor a time ({listed(_TIMES)})"
                f"{suggestion(name, [*known, *_TIMES])}"
            )


def _check_refit(refit: Any, scores: list[str]) -> None:
    if refit is False or callable(refit) or (isinstance(refit, str) and refit in scores):
        return
    raise ValueError(
        f"refit={shown(refit)}: with several objectives no candidate is the best of all. Give the "
        f"score that decides ({listed(scores)}), a function of cv_results_ that returns an index, "
        "or refit=False for the front alone"
    )

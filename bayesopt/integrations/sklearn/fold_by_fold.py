"""Candidates that go through the splits one by one, and are given up where they are hopeless."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bayesopt.checks import shown
from bayesopt.integrations.sklearn.cv_results import CandidateScore, CVResults, Params
from bayesopt.integrations.sklearn.progress import Progress
from bayesopt.optimizer import Optimizer
from bayesopt.stopping import FoldRace

_WHAT = "None, 'folds', or bo.FoldRace(...)"


class FoldByFold:
    """A splitter with a single split, the present one of another splitter.

    scikit-learn counts the splits when a search begins, and evaluates all of them in one go. To
    it such a search has one split.
    """

    fold = 0

    def __init__(self, splits: Any) -> None:
        self.splits = splits

    def split(self, X: Any, y: Any = None, **params: Any) -> list[Any]:
        """The present split."""
        return [self.splits.split(X, y, **params)[self.fold]]

    def get_n_splits(self, X: Any = None, y: Any = None, **params: Any) -> int:
        """One."""
        return 1

    def __getattr__(self, name: str) -> Any:
        if name == "splits":  # while it is unpickled
            raise AttributeError(name)
        return getattr(self.splits, name)  # what scikit-learn asks about metadata


def read_rule(early_stopping: Any, several: bool) -> FoldRace | None:
    """The rule that gives candidates up.

    Raises
    ------
    TypeError, ValueError : for another one, or with several objectives.
    """
    if early_stopping is None:
        return None
    if early_stopping == "folds":
        rule = FoldRace()
    elif isinstance(early_stopping, FoldRace):
        rule = early_stopping
    elif (
        early_stopping in ("auto", "median")
        or "bayesopt.stopping" in type(early_stopping).__module__
    ):
        raise ValueError(
            f"early_stopping must be {_WHAT}; got {shown(early_stopping)}, a rule for training "
            "curves: scikit-learn's searches fit each candidate in one go. An estimator with "
            "partial_fit or warm_start can report its steps in bo.minimize, see "
            "docs/early_stopping.md"
        )
    else:
        raise TypeError(f"early_stopping must be {_WHAT}; got {shown(early_stopping)}")
    if several:
        raise ValueError("early_stopping is for one score: leave out objectives or early_stopping")
    return rule


def evaluate_by_fold(
    candidates: Mapping[int, Params],
    results: CVResults,
    optimizer: Optimizer,
    progress: Progress,
    tell: Callable[[int, CandidateScore], None],
) -> bool:
    """Evaluate candidates split by split, all that are left at once.

    Parameters
    ----------
    candidates : by the number of their trial.
    tell : takes what came of each.

    Returns
    -------
    Whether a callback of scikit-learn's wants the search to end.
    """
    left, stop = dict(candidates), False
    fits: dict[int, list[Mapping[str, Any]]] = {number: [] for number in left}
    for fold in range(results.n_splits):
        if not left:
            break
        with progress.batch(len(left)) as batch:
            new = results.evaluate_fold(fold, list(left.values()), **batch.context)
        stop |= batch.stop
        for number, fit in zip(list(left), new, strict=True):
            fits[number].append(fit)
            score, whole = results.score_of(fits[number]), fold + 1 == results.n_splits
            if score.failure is None:
                optimizer.report(number, score.means["value"], fold + 1)
                why = None if whole else optimizer.why_stop(number)
                if why is None and not whole:
                    continue
                score = replace(score, given_up=why)
            results.add(left.pop(number), fits[number], given_up=score.given_up is not None)
            tell(number, score)
    return stop

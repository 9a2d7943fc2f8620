"""The progress bar of ``minimize``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from bayesopt.trial import TrialState

if TYPE_CHECKING:
    from bayesopt.optimizer import Optimizer
    from bayesopt.trial import Trial


class ProgressBar:
    """A tqdm bar with the best value so far and the number of failures; silent when not wanted."""

    def __init__(self, wanted: bool | None, total: int | None) -> None:
        self._bar: Any = None
        self._failed = 0
        if wanted or (wanted is None and sys.stderr.isatty()):
            from tqdm import tqdm

            self._bar = tqdm(total=total, unit="trial", file=sys.stderr, dynamic_ncols=True)

    def start(self, done: int) -> None:
        """Set the bar to the trials a resumed run already has."""
        if self._bar is not None and done:
            self._bar.update(done)

    def show(self, optimizer: Optimizer, trial: Trial) -> None:
        """Count a finished trial."""
        if self._bar is None or trial.state is TrialState.ABANDONED:
            return
        self._failed += trial.state is TrialState.FAILED
        best = optimizer.best
        words = ["no success yet" if best is None else f"best {best.value:.6g}"]
        if self._failed:
            words.append(f"{self._failed} failed")
        self._bar.set_postfix_str(", ".join(words), refresh=False)
        self._bar.update(1)

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()

"""What is put right in a run: results withdrawn or corrected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bayesopt.checks import text_of
from bayesopt.optimizer.events import stored_row
from bayesopt.optimizer.queries import RunQueries
from bayesopt.trial import Trial


class RunAmendments(RunQueries):
    """The methods of :class:`~bayesopt.Optimizer` that change finished trials."""

    def retract(self, trial: Trial | int, why: str) -> Trial:
        """Withdraw a result, told or added: the model no longer uses it.

        The trial stays in the run as RETRACTED, and its first result in the stored events; the
        point may be asked again.

        Raises
        ------
        ValueError : when the trial is unknown or has no result.
        """
        return self._event_log.retract(trial, text_of(why))

    def correct(
        self,
        trial: Trial | int,
        result: object,
        *,
        why: str | None = None,
        as_run: Mapping[str, Any] | None = None,
    ) -> Trial:
        """Put a result right that was told wrongly, or a failure that was none.

        The model then knows the corrected result only. What was told first stays in the stored
        events, which ``bayesopt show --history`` prints.

        Parameters
        ----------
        trial : what has a result, failed, or was retracted; or its number.
        result : as for :meth:`tell`. What a mapping does not name stays as it was:
            ``{"impurity": 0.3}`` leaves the value alone; None takes a number away. A value that is
            not finite makes the trial a failure.
        why : a reason to be kept.
        as_run : the point that was evaluated, when that was written down wrongly.

        Raises
        ------
        TypeError, ValueError : when the trial is unknown or has no result, or for what cannot be
            one.
        """
        row = None if as_run is None else stored_row(self.space.encode(as_run, outside=True))
        return self._event_log.correct(trial, result, None if why is None else text_of(why), row)

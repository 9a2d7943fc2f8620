"""What a result says of its trials' curves."""

from __future__ import annotations

from typing import Any

from bayesopt.stopping.choosing import default_rule, read_rule
from bayesopt.stopping.replay import Replay, replay
from bayesopt.trial import Trial


class CurveAnswers:
    """The part of :class:`~bayesopt.Result` about learning curves."""

    __slots__ = ()
    trials: tuple[Trial, ...]
    direction: str

    def curves_to_dataframe(self, library: str | None = None) -> Any:
        """What trials reported while they ran, a row a report: ``number, state, step, value``.

        Parameters and errors are those of :meth:`to_dataframe`.
        """
        from bayesopt import trial_table

        return trial_table.curves_to_dataframe(self.trials, library)

    def replay_stopping(self, rule: object = "auto") -> Replay:
        """What a stopping rule would have saved, and cost, with the curves of this run.

        Run without one (``early_stopping=None``, with reports) to see what one would do.

        Parameters
        ----------
        rule : as ``early_stopping``: "auto" is :class:`~bayesopt.CurveModel`, "median", a rule.

        Returns
        -------
        A :class:`~bayesopt.stopping.Replay`, with ``saved`` (a share of the steps), ``lost`` (by
        how much the best value were worse), and the trials that would have been stopped.

        Raises
        ------
        TypeError, ValueError : for what is no rule, and for a run with several objectives.
        """
        meant = read_rule(rule) or default_rule()
        sign = 1.0 if self.direction == "minimize" else -1.0
        return replay(meant, self.trials, sign)

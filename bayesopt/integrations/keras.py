"""Early stopping of Keras trainings: ``model.fit(..., callbacks=[KerasCallback(trial)])``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bayesopt.checks import listed
from bayesopt.integrations.host import require
from bayesopt.minimize import RunningTrial

require("keras", extra="keras", at_least="3.0")

import keras  # noqa: E402


class KerasCallback(keras.callbacks.Callback):  # type: ignore[misc]
    """Reports each epoch of a trial, and ends the training when the trial should stop.

    ::

        def train(params, trial):
            watch = KerasCallback(trial)
            history = build(params).fit(x, y, validation_split=0.2, epochs=50, callbacks=[watch])
            return trial.stopped() if watch.stopped else history.history["val_loss"][-1]

    Parameters
    ----------
    trial : what the objective got as its second argument.
    monitor : the name in Keras's logs of what is reported; the run's objective.

    Attributes
    ----------
    stopped : whether it has ended the training.
    """

    def __init__(self, trial: RunningTrial, monitor: str = "val_loss") -> None:
        super().__init__()
        self._trial, self._monitor = trial, monitor
        self.stopped = False

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Report the epoch.

        Raises
        ------
        ValueError : when the logs lack what is to be reported.
        """
        logs = logs or {}
        if self._monitor not in logs:
            raise ValueError(
                f"monitor={self._monitor!r} is not among Keras's logs, {listed(logs)}: give fit "
                "validation_data or compile the metric"
            )
        self._trial.report(float(logs[self._monitor]), epoch + 1)
        if self._trial.should_stop():
            self.stopped = self.model.stop_training = True

"""Early stopping of trainings with Lightning: ``Trainer(callbacks=[LightningCallback(trial)])``.

For ``lightning`` and for ``pytorch_lightning``: the one that is in use.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from bayesopt.checks import listed
from bayesopt.minimize import RunningTrial


def _callback_class() -> Any:
    names = ("lightning.pytorch", "pytorch_lightning")
    known = [name for name in names if name in sys.modules]
    known += [name for name in names if find_spec(name.partition(".")[0])]
    if not known:
        raise ImportError(
            "bayesopt.integrations.lightning needs lightning or pytorch_lightning, and neither is "
            "installed: pip install lightning",
            name="lightning",
        )
    return import_module(known[0]).Callback


_Callback: Any = _callback_class()


class LightningCallback(_Callback):  # type: ignore[misc]
    """Reports each validation of a trial, and ends the training when the trial should stop.

    ::

        def train(params, trial):
            watch = LightningCallback(trial)
            trainer = Trainer(max_epochs=50, callbacks=[watch])
            trainer.fit(Net(params), train_data, validation_data)
            if watch.stopped:
                return trial.stopped()
            return trainer.callback_metrics["val_loss"].item()

    Parameters
    ----------
    trial : what the objective got as its second argument.
    monitor : the name that the module logs it by (``self.log("val_loss", loss)``); the run's
        objective.

    Attributes
    ----------
    stopped : whether it has ended the training. ``min_epochs`` of the Trainer come first.
    """

    def __init__(self, trial: RunningTrial, monitor: str = "val_loss") -> None:
        super().__init__()
        self._trial, self._monitor = trial, monitor
        self.stopped = False

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        """Report the epoch.

        Raises
        ------
        ValueError : when the module has not logged what is to be reported.
        """
        if trainer.sanity_checking:  # before any training
            return
        metrics = trainer.callback_metrics
        if self._monitor not in metrics:
            raise ValueError(
                f"monitor={self._monitor!r} is not among the logged metrics, {listed(metrics)}: "
                f'call self.log("{self._monitor}", ...) in validation_step'
            )
        self._trial.report(float(metrics[self._monitor]), trainer.current_epoch + 1)
        if self._trial.should_stop():
            self.stopped = trainer.should_stop = True

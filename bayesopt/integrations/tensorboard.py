"""Runs in TensorBoard: ``bo.minimize(f, space, callbacks=TensorBoardCallback("logs"))``.

Curves of each output and of the best value by number of the trial, the trials under HParams with
their value as the metric, and a text with the result. Written by ``tensorboardX`` or by PyTorch,
whichever is installed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bayesopt.integrations.tracking import (
    Tracker,
    direction_of,
    metrics_of,
    plain_params,
    report_of,
    running_of,
)
from bayesopt.optimizer import Optimizer
from bayesopt.result import Result
from bayesopt.trial import Trial, TrialState


def _writer_class() -> tuple[Any, str]:
    """The writer, and what it calls the folder of a trial's HParams."""
    try:
        from tensorboardX import SummaryWriter

        return SummaryWriter, "name"
    except ModuleNotFoundError as error:
        if error.name != "tensorboardX":
            raise
    try:
        from torch.utils.tensorboard import SummaryWriter

        return SummaryWriter, "run_name"
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("torch", "tensorboard"):
            raise
        raise ImportError(
            "bayesopt.integrations.tensorboard needs tensorboardX, or PyTorch with tensorboard: "
            'pip install "bayesopt-engine[tensorboard]"',
            name="tensorboardX",
        ) from None


_writer_class()  # said when this is imported, not after the first trial


class TensorBoardCallback(Tracker):
    """Shows a run in TensorBoard.

    Parameters
    ----------
    log_dir : folder of the events; TensorBoard shows it by ``tensorboard --logdir``.
    metric : name of the metric under HParams.
    """

    def __init__(self, log_dir: str | Path = "logs", *, metric: str = "value") -> None:
        super().__init__()
        self._dir = str(log_dir)
        self._metric = metric
        self._writer: Any = None

    def begin(self, optimizer: Optimizer) -> None:
        """Open the folder."""
        make, self._folder = _writer_class()
        self._writer = make(self._dir)
        limits = {f"{name} {text}" for name, text in optimizer.outcome_constraints.items()}
        said = [direction_of(optimizer), f"seed {optimizer.seed}", *sorted(limits)]
        self._writer.add_text("run", ", ".join(said), 0)

    def show(self, optimizer: Optimizer, trial: Trial) -> None:
        """A point of each curve, and the trial under HParams."""
        for name, value in running_of(optimizer, trial, self._failed).items():
            self._writer.add_scalar(name, value, trial.number)
        if trial.state is TrialState.FAILED:
            self._writer.add_text("errors", f"trial {trial.number}: {trial.error}", trial.number)
        # a failed trial has no metric, and HParams shows none without one
        metrics = {f"hparam/{name}": value for name, value in metrics_of(trial).items()}
        if "hparam/value" in metrics:
            metrics[f"hparam/{self._metric}"] = metrics.pop("hparam/value")
        where = {self._folder: f"trial {trial.number}".replace(" ", "-")}
        self._writer.add_hparams(plain_params(trial), metrics, **where)
        self._writer.flush()

    def finish(self, result: Result) -> None:
        """The result as a text."""
        self._writer.add_text("result", report_of(result), len(result.trials))
        self._writer.close()

"""Keras's and Lightning's callbacks that report and stop, with the real trainers."""

from __future__ import annotations

import importlib.util
import os

import numpy as np
import pytest

import bayesopt as bo
from bayesopt.trial import TrialState

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.slow]  # of trainers and backends

EPOCHS = 6
X = np.linspace(-1.0, 1.0, 40).reshape(-1, 1).astype("float32")
Y = 3.0 * X


class Second(bo.NoStopping):
    """Ends the second trial, and each after it, at its second epoch."""

    def decide(self, curve, others):
        return "enough" if others and curve.step >= 2 else None


def searched(train):
    space = {"rate": bo.Float(1e-3, 0.3, log=True)}
    return bo.minimize(
        train,
        space,
        n_trials=3,
        seed=0,
        early_stopping=Second(),
        progress=False,
        raise_errors=True,
    )


def assert_stopped_as_told(result):
    whole, *stopped = result.trials
    assert whole.state is TrialState.COMPLETE
    assert [step for step, _ in whole.curve] == list(range(1, EPOCHS + 1))
    assert whole.value == pytest.approx(whole.curve[-1][1])
    for trial in stopped:
        assert trial.state is TrialState.STOPPED
        assert [step for step, _ in trial.curve] == [1, 2]


def test_keras():
    if importlib.util.find_spec("keras") is None:
        pytest.skip("keras is not installed")
    backend = next((b for b in ("jax", "torch") if importlib.util.find_spec(b)), None)
    if backend is None:
        pytest.skip("Keras has no backend that trains")
    os.environ.setdefault("KERAS_BACKEND", backend)
    import keras

    from bayesopt.integrations.keras import KerasCallback

    def fitted(params, watch):
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(params["rate"]), "mse")
        given = {"epochs": EPOCHS, "verbose": 0, "callbacks": [watch]}
        return model.fit(X, Y, validation_split=0.2, **given).history

    def train(params, trial):
        watch = KerasCallback(trial)
        history = fitted(params, watch)
        return trial.stopped() if watch.stopped else history["val_loss"][-1]

    assert_stopped_as_told(searched(train))

    def misspelt(params, trial):
        fitted(params, KerasCallback(trial, "val_los"))

    with pytest.raises(ValueError, match=r"'val_los' is not among Keras's logs, .*'val_loss'"):
        searched(misspelt)


def test_lightning(tmp_path):
    name = next((n for n in ("lightning", "pytorch_lightning") if importlib.util.find_spec(n)), "")
    if not name:
        pytest.skip("Lightning is not installed")
    lightning = importlib.import_module("lightning.pytorch" if name == "lightning" else name)
    import torch

    from bayesopt.integrations.lightning import LightningCallback

    class Line(lightning.LightningModule):
        def __init__(self, rate):
            super().__init__()
            self.rate, self.line = rate, torch.nn.Linear(1, 1)

        def training_step(self, batch, index):
            return ((self.line(batch[0]) - batch[1]) ** 2).mean()

        def validation_step(self, batch, index):
            self.log("val_loss", ((self.line(batch[0]) - batch[1]) ** 2).mean())

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=self.rate)

    data = torch.utils.data.TensorDataset(torch.tensor(X), torch.tensor(Y))
    batches = torch.utils.data.DataLoader(data, batch_size=20)

    def fitted(params, watch):
        trainer = lightning.Trainer(
            max_epochs=EPOCHS, accelerator="cpu", callbacks=[watch], logger=False,
            enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
            default_root_dir=tmp_path,
        )  # fmt: skip
        trainer.fit(Line(params["rate"]), batches, batches)
        return trainer

    def train(params, trial):
        watch = LightningCallback(trial)
        trainer = fitted(params, watch)
        return trial.stopped() if watch.stopped else trainer.callback_metrics["val_loss"].item()

    assert_stopped_as_told(searched(train))

    def misspelt(params, trial):
        fitted(params, LightningCallback(trial, "val_los"))

    with pytest.raises(ValueError, match="'val_los' is not among the logged metrics, 'val_loss'"):
        searched(misspelt)

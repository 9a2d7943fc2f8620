"""Train many linear classifiers for a few epochs each, and finish the best of them.

Needs scikit-learn. Run it: python examples/early_stopping.py
"""

from __future__ import annotations

import warnings

from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

import bayesopt as bo

EPOCHS = 25
X, y = load_digits(return_X_y=True)
X_train, X_valid, y_train, y_valid = train_test_split(X, y, test_size=0.3, random_state=0)
scaler = StandardScaler().fit(X_train)
X_train, X_valid = scaler.transform(X_train), scaler.transform(X_valid)


def train(params, trial):
    """Validation loss after all epochs, or an early end."""
    model = SGDClassifier(loss="log_loss", learning_rate="constant", random_state=0, **params)
    loss = float("nan")
    for epoch in range(1, EPOCHS + 1):
        model.partial_fit(X_train, y_train, classes=range(10))
        loss = log_loss(y_valid, model.predict_proba(X_valid), labels=range(10))
        trial.report(loss, epoch)
        if trial.should_stop():
            return trial.stopped()
    return loss


def main(n_trials: int = 60) -> None:
    """Tune two parameters and say what it took."""
    warnings.simplefilter("ignore")
    result = bo.minimize(
        train,
        {"eta0": bo.Float(1e-5, 1.0, log=True), "alpha": bo.Float(1e-6, 1.0, log=True)},
        n_trials=n_trials,
        seed=1,
        progress=False,
    )
    epochs = sum(t.curve[-1][0] for t in result.trials if t.curve)
    print(f"best loss {result.value:.4f} at {result.params}")
    print(f"{len(result.trials)} trials for the epochs of {epochs / EPOCHS:.1f} whole trainings")


if __name__ == "__main__":
    main()

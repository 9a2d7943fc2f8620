"""Networks that are given up while they train, by the loss after each epoch.

Needs the extra: pip install 'bayesopt-engine[keras]', and a backend of Keras (jax or torch)
"""

import keras
import numpy as np
from sklearn.datasets import load_digits

import bayesopt as bo
from bayesopt.integrations.keras import KerasCallback

SPACE = bo.Space(
    rate=bo.Float(1e-4, 1.0, log=True),
    units=bo.Int(8, 128, log=True),
    dropout=bo.Float(0.0, 0.6),
)


def network(params) -> keras.Model:
    """One hidden layer."""
    model = keras.Sequential(
        [
            keras.layers.Dense(params["units"], activation="relu"),
            keras.layers.Dropout(params["dropout"]),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.SGD(params["rate"]), "sparse_categorical_crossentropy")
    return model


def main(n_trials: int = 20, epochs: int = 20) -> None:
    """Search, and say how many epochs were spared."""
    images, labels = load_digits(return_X_y=True)
    images = (images / 16.0).astype(np.float32)

    def train(params, trial):
        keras.utils.set_random_seed(0)
        watch = KerasCallback(trial, "val_loss")
        history = network(params).fit(
            images, labels, validation_split=0.3, epochs=epochs, callbacks=[watch], verbose=0
        )
        trained.append(len(history.epoch))
        return trial.stopped() if watch.stopped else history.history["val_loss"][-1]

    trained: list[int] = []
    result = bo.minimize(train, SPACE, n_trials=n_trials, early_stopping="auto", seed=0)
    print(f"best loss {result.value:.3f} with {dict(result.params)}")
    print(f"{sum(trained)} epochs in place of {epochs * len(trained)}")


if __name__ == "__main__":
    main()

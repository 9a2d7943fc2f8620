"""A small network for digits, tuned with Keras Tuner's own interface.

Needs a Keras backend, such as JAX or PyTorch, and the extra:
pip install 'bayesopt-engine[keras,sklearn]' jax
"""

import os
import tempfile

os.environ.setdefault("KERAS_BACKEND", "jax")  # before Keras is imported; "torch" does as well

import keras
from keras_tuner import HyperModel
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from bayesopt.integrations.keras_tuner import BayesOptTuner


def build(hp):
    """Layers, width, L1/L2, dropout and an optimizer with its own options."""
    model = keras.Sequential([keras.Input((64,))])
    penalty = keras.regularizers.L1L2(
        l1=hp.Float("l1", 1e-7, 1e-3, sampling="log"),
        l2=hp.Float("l2", 1e-7, 1e-2, sampling="log"),
    )
    n_layers = hp.Int("layers", 1, 3)
    for i in range(3):
        with hp.conditional_scope("layers", list(range(i + 1, 4))):
            if i < n_layers:
                units = hp.Int(f"units_{i}", 8, 128, sampling="log")
                model.add(keras.layers.Dense(units, "relu", kernel_regularizer=penalty))
    model.add(keras.layers.Dropout(hp.Float("dropout", 0.0, 0.6)))
    model.add(keras.layers.Dense(10, "softmax"))
    kind, rate = (
        hp.Choice("optimizer", ["adam", "sgd"]),
        hp.Float("rate", 1e-4, 1e-1, sampling="log"),
    )
    if kind == "adam":
        optimizer = keras.optimizers.Adam(rate)
    with hp.conditional_scope("optimizer", ["sgd"]):
        if kind == "sgd":
            optimizer = keras.optimizers.SGD(rate, momentum=hp.Float("momentum", 0.0, 0.99))
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


class Classifier(HyperModel):
    """``build``, and the batch size, which belongs to ``fit``."""

    def build(self, hp):
        """A model."""
        return build(hp)

    def fit(self, hp, model, *args, **options):
        """Train it."""
        return model.fit(*args, batch_size=hp.Choice("batch_size", [16, 32, 64, 128]), **options)


def main(max_trials: int = 20, epochs: int = 8) -> None:
    """Search, then show the best trial."""
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, stratify=y, random_state=0)
    with tempfile.TemporaryDirectory() as folder:
        tuner = BayesOptTuner(
            Classifier(),
            "val_accuracy",
            max_trials,
            seed=0,
            directory=folder,
            project_name="digits",
        )
        tuner.search(X_train, y_train, validation_split=0.25, epochs=epochs, verbose=0)
        best = tuner.oracle.get_best_trials(1)[0]
        print(f"best validation accuracy {best.score:.4f}")
        print("with", best.hyperparameters.values)
        model = tuner.get_best_models(1)[0]
        print(f"accuracy on the test set {model.evaluate(X_test, y_test, verbose=0)[1]:.4f}")


if __name__ == "__main__":
    main()

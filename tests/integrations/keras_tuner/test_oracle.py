"""Keras Tuner's oracle: the space with its scopes, searches that find, go on and end."""

from __future__ import annotations

import importlib.util
import os

import numpy as np
import pytest

pytestmark = pytest.mark.filterwarnings("ignore")  # of Keras and its backends

if importlib.util.find_spec("keras_tuner") is None:
    pytest.skip("keras-tuner is not installed", allow_module_level=True)
_backend = next((b for b in ("jax", "torch") if importlib.util.find_spec(b)), "numpy")
os.environ.setdefault("KERAS_BACKEND", _backend)

import keras_tuner as kt  # noqa: E402

import bayesopt as bo  # noqa: E402
from bayesopt.integrations.keras_tuner import BayesOptOracle, BayesOptTuner  # noqa: E402
from bayesopt.integrations.keras_tuner.scopes import HyperSpace  # noqa: E402


def everything(hp):
    """One of each kind, in scopes of scopes."""
    hp.Fixed("version", 3)
    hp.Float("rate", 1e-4, 1.0, sampling="log")
    hp.Float("momentum", 0.0, 0.9, step=0.1)
    hp.Float("decay", 0.5, 0.999, sampling="reverse_log")
    hp.Int("width", 8, 128, step=2, sampling="log")
    hp.Int("batch", 16, 64, step=16)
    hp.Boolean("bias")
    hp.Choice("layers", [1, 2, 3])
    kind = hp.Choice("kind", ["tree", "net"])
    with hp.conditional_scope("kind", ["tree"]):
        if kind == "tree":
            hp.Int("depth", 1, 8)
            hp.Choice("size", ["small", "large"])
    with hp.conditional_scope("kind", ["net"]):
        if kind == "net":
            hp.Choice("form", ["wide", "deep"])
            gate = hp.Boolean("gate")
            with hp.conditional_scope("gate", [True]):
                if gate:
                    hp.Float("leak", 0.0, 1.0)
    return hp


def complete():
    """All hyperparameters: those that appear with other values too."""
    hp = kt.HyperParameters()
    for kind, gate in (("tree", False), ("net", True)):
        hp.values |= {"kind": kind, "gate": gate}
        everything(hp)
    return hp


def test_what_is_active_is_what_is_active_there():
    hps = complete()
    hyper = HyperSpace(hps.space)
    space = hyper.space
    cube = np.random.default_rng(0).random((200, space.n_columns))
    seen = set()
    for row in space.to_rows(space.from_cube(cube)):
        point = space.decode(row)
        values = hyper.values(point)
        copy = hps.copy()
        copy.values = dict(values)
        active = {hp.name for hp in copy.space if copy.is_active(hp)}
        assert set(values) == active
        again = hyper.point(values)
        assert again.pop("decay") == pytest.approx(point["decay"], rel=1e-12)  # it is mirrored
        assert again == {name: v for name, v in point.items() if name != "decay"}
        seen.add((values["kind"], values.get("gate"), "leak" in values))
        for hp in copy.space:  # every value is one that Keras Tuner would draw
            if not copy.is_active(hp):
                continue
            value = values[hp.name]
            if type(hp).__name__ == "Choice":
                assert value in hp.values
            elif type(hp).__name__ in ("Int", "Float"):
                assert hp.min_value <= value <= hp.max_value
                assert isinstance(value, int if type(hp).__name__ == "Int" else float)
    assert {("tree", None, False), ("net", True, True), ("net", False, False)} <= seen


def test_a_name_in_several_scopes_is_said_and_the_last_one_counts():
    hps = kt.HyperParameters()
    hps.Choice("kind", ["tree", "net"])
    for kind in ("tree", "net"):
        with hps.conditional_scope("kind", [kind]):
            hps.values["kind"] = kind
            hps.Choice("size", [kind, "other"])
    with pytest.warns(UserWarning, match="'size' is in several scopes"):
        hyper = HyperSpace(hps.space)
    assert hyper.space.contains({"kind": "tree"})
    assert hyper.space.contains({"kind": "net", "size": "net"})


def test_a_trial_that_lacks_a_hyperparameter_had_its_default():
    hyper = HyperSpace(complete().space)
    point = hyper.point({"kind": "tree", "depth": 4})
    assert (point["kind"], point["depth"], point["rate"]) == ("tree", 4, 1e-4)


class Valley(kt.Tuner):
    """No model: the value is a function of the hyperparameters."""

    seen: list

    def run_trial(self, trial, *args, **kwargs):
        hp = trial.hyperparameters
        value = (np.log10(hp.Float("rate", 1e-4, 1.0, sampling="log")) + 2) ** 2
        if hp.Choice("kind", ["tree", "net"]) == "net":
            with hp.conditional_scope("kind", ["net"]):
                value += 0.1 + (hp.Float("leak", 0.0, 1.0) - 0.5) ** 2
        if self.seen is not None:
            self.seen.append(dict(hp.values))
        return self.answer(value)

    def answer(self, value):
        return value


def search(folder, max_trials=12, tuner=Valley, seed=1, **options):
    oracle = BayesOptOracle(
        kt.Objective("default_objective", "min"), max_trials, seed=seed, **options
    )
    found = tuner(oracle, directory=str(folder), project_name="p")
    found.seen = []
    found.search(verbose=0)
    return found


@pytest.mark.slow
def test_it_finds_the_best(tmp_path):
    tuner = search(tmp_path, 16)
    best = tuner.oracle.get_best_trials(1)[0]
    assert best.hyperparameters.values["kind"] == "tree"
    assert best.score < 0.1
    assert len(tuner.seen) == 16


def test_a_maximum_is_a_minimum_turned(tmp_path):
    class Peak(Valley):
        def answer(self, value):
            return {"height": -value}

    oracles = [
        BayesOptOracle(kt.Objective("height", "max"), 8, seed=1, num_initial_points=4),
        BayesOptOracle(kt.Objective("height", "min"), 8, seed=1, num_initial_points=4),
    ]
    points = []
    for i, oracle in enumerate(oracles):
        tuner = Peak(oracle, directory=str(tmp_path), project_name=str(i))
        tuner.seen = []
        tuner.search(verbose=0)
        points.append(tuner.seen)
    assert points[0][:4] == points[1][:4]
    assert points[0] != points[1]
    best = max(t.score for t in oracles[0].trials.values())
    assert oracles[0].get_best_trials(1)[0].score == best


def test_a_search_goes_on_where_it_ended(tmp_path):
    whole = search(tmp_path / "whole", 8).seen
    first = search(tmp_path / "parts", 5).seen
    second = search(tmp_path / "parts", 8).seen
    assert first + second == whole


def test_failed_trials_are_avoided_and_do_not_end_the_search(tmp_path):
    class Fails(Valley):
        def answer(self, value):
            if value > 1.0:
                raise kt.errors.FailedTrialError("diverged")
            return value if value > 0.5 else float("nan")

    tuner = search(tmp_path, 8, Fails, max_consecutive_failed_trials=9)
    states = [t.status for t in tuner.oracle.trials.values()]
    assert len(states) == 8
    assert "FAILED" in states
    data = tuner.oracle._data(*_space_of(tuner.oracle))
    assert len(data.failed) == states.count("FAILED")


def _space_of(oracle):
    hyper = HyperSpace(oracle.hyperparameters.space)
    return hyper, hyper.space


def test_a_space_that_is_used_up_ends_the_search(tmp_path):
    class Few(kt.Tuner):
        def run_trial(self, trial, *args, **kwargs):
            return float(trial.hyperparameters.Choice("x", [1, 2, 3]))

    hps = kt.HyperParameters()
    hps.Choice("x", [1, 2, 3])
    oracle = BayesOptOracle(max_trials=9, seed=0, hyperparameters=hps)
    Few(oracle, directory=str(tmp_path)).search(verbose=0)
    assert sorted(t.hyperparameters.values["x"] for t in oracle.trials.values()) == [1, 2, 3]


def test_nothing_to_choose_is_one_trial(tmp_path):
    class Fixed(kt.Tuner):
        def run_trial(self, trial, *args, **kwargs):
            return float(trial.hyperparameters.Fixed("x", 2))

    oracle = BayesOptOracle(max_trials=5, seed=0)
    Fixed(oracle, directory=str(tmp_path)).search(verbose=0)
    assert [t.score for t in oracle.trials.values()] == [2.0]


def test_running_trials_are_pending():
    oracle = BayesOptOracle(max_trials=20, seed=0, hyperparameters=complete())
    oracle._set_project_dir = None
    trials = []
    oracle._save_trial = oracle.save = lambda *args: None
    for worker in range(4):
        trials.append(oracle.create_trial(f"worker {worker}"))
    data = oracle._data(*_space_of(oracle))
    assert len(data.pending) == 4
    assert len({str(t.hyperparameters.values) for t in trials}) == 4


def test_parts_may_be_exchanged_and_other_words_are_answered():
    oracle = BayesOptOracle(max_trials=3, acquisition=bo.UCB(beta=2.0), num_initial_points=0)
    assert oracle._parts["acquisition"].beta == 2.0
    assert oracle._parts["initial_design"] is None
    with pytest.raises(TypeError, match=r"BayesOptOracle\(\)"):
        BayesOptOracle(beta=2.6)


@pytest.mark.slow
@pytest.mark.skipif(_backend == "numpy", reason="no Keras backend that trains is installed")
def test_a_network_is_tuned(tmp_path):
    import keras

    def build(hp):
        model = keras.Sequential([keras.Input((2,))])
        model.add(keras.layers.Dense(hp.Int("units", 2, 8), "tanh"))
        model.add(keras.layers.Dropout(hp.Float("dropout", 0.0, 0.5)))
        model.add(keras.layers.Dense(1))
        kind = hp.Choice("optimizer", ["adam", "sgd"])
        with hp.conditional_scope("optimizer", ["sgd"]):
            momentum = hp.Float("momentum", 0.0, 0.9) if kind == "sgd" else 0.0
        rate = hp.Float("rate", 1e-3, 1e-1, sampling="log")
        optimizer = (
            keras.optimizers.Adam(rate)
            if kind == "adam"
            else keras.optimizers.SGD(rate, momentum=momentum)
        )
        model.compile(optimizer, "mse")
        return model

    X = np.random.default_rng(0).normal(size=(32, 2)).astype("float32")
    y = X @ np.array([[1.0], [-1.0]], "float32")
    tuner = BayesOptTuner(
        build, "val_loss", 3, seed=0, directory=str(tmp_path), project_name="network"
    )
    tuner.search(X, y, validation_split=0.25, epochs=1, verbose=0)
    assert len(tuner.oracle.trials) == 3
    best = tuner.oracle.get_best_trials(1)[0]
    assert np.isfinite(best.score)
    for trial in tuner.oracle.trials.values():
        values = trial.hyperparameters.values
        assert ("momentum" in values) == (values["optimizer"] == "sgd")
    assert tuner.get_best_models(1)[0].predict(X, verbose=0).shape == (32, 1)

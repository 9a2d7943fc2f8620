"""The demo: its space and objective, and the command from end to end on a small budget."""

import csv

import numpy as np
import pytest
from typer.testing import CliRunner

import bayesopt as bo
from bayesopt.cli.app import app
from bayesopt.demo import DigitsAccuracy, compare, digits, model_space
from bayesopt.demo.digits import make_model


def points(n, seed=0):
    space = model_space()
    rows = space.to_rows(space.from_cube(np.random.default_rng(seed).random((n, space.n_columns))))
    return [space.decode(row) for row in rows]


def test_every_point_of_the_space_is_a_model():
    seen = {make_model(point).__class__.__name__ for point in points(200)}
    assert seen >= {"SVC", "RandomForestClassifier", "HistGradientBoostingClassifier", "Pipeline"}


def test_a_model_has_the_settings_of_its_point():
    svm = {
        "model": "svm",
        "standardize": True,
        "kernel": "poly",
        "C": 3.0,
        "gamma": 0.1,
        "degree": 4,
    }
    steps = make_model(svm)
    assert steps[0].__class__.__name__ == "StandardScaler"
    assert {k: steps[-1].get_params()[k] for k in ("kernel", "C", "gamma", "degree")} == {
        k: svm[k] for k in ("kernel", "C", "gamma", "degree")
    }


def test_the_accuracy_is_what_scikit_learn_says_and_repeatable():
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    objective = DigitsAccuracy()
    point = {"model": "neighbours", "standardize": False, "k": 3, "weights": "distance"}
    images, digits = objective._data
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    predicted = cross_val_predict(make_model(point), images, digits, cv=folds)
    assert len(digits) == 1000
    assert objective(point) == pytest.approx(
        np.mean(predicted == digits), abs=1e-3
    )  # folds differ by 1
    assert objective(point) == objective(point) > 0.95


def test_a_contest_gives_each_method_the_same_budget():
    space = bo.Space(x=bo.Float(0, 1))
    shown = []

    def watch(label):
        return lambda optimizer, trial: shown.append(label)

    def sometimes(params):
        if params["x"] > 0.9:
            raise ValueError("too far")
        return params["x"]

    entries = compare(
        sometimes,
        space,
        {"random": bo.RandomSearch(), "grid": bo.GridSearch(levels=11)},
        n_trials=11,
        seed=0,
        watch=watch,
    )
    assert shown == ["random"] * 11 + ["grid"] * 11
    for entry in entries.values():
        assert entry.n_evaluations == 11
        assert entry.objective_seconds >= 0
        assert entry.optimizer_seconds > 0
    assert entries["grid"].n_failures == 1
    assert entries["grid"].result.value == pytest.approx(0.9)


def test_an_interrupt_ends_the_contest_with_what_there_is():
    def impatient(params):
        impatient.calls += 1
        if impatient.calls == 3:
            raise KeyboardInterrupt
        return params["x"]

    impatient.calls = 0
    entries = compare(
        impatient,
        bo.Space(x=bo.Float(0, 1)),
        {"random": bo.RandomSearch(), "grid": bo.GridSearch(levels=11)},
        n_trials=11,
        seed=0,
        watch=lambda label: lambda optimizer, trial: None,
    )
    assert list(entries) == ["random"]
    assert entries["random"].result.stop.by_signal
    assert entries["random"].n_evaluations == 2


@pytest.mark.slow
def test_the_command(tmp_path, monkeypatch):
    monkeypatch.setattr(digits, "_IMAGES", 200)  # the same way with a fifth of the work
    done = CliRunner().invoke(app, ["demo", "--n-trials", "6", "--output", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    for method in ("Bayesian", "random search", "grid search"):
        assert method in done.stdout
        rows = list(
            csv.DictReader(
                (tmp_path / "out" / f"{method.replace(' ', '-').lower()}.csv")
                .read_text()
                .splitlines()
            )
        )
        assert [row["state"] for row in rows] == ["complete"] * 6
        assert max(float(row["value"]) for row in rows) > 0.2  # one in ten is chance
    assert (tmp_path / "out" / "convergence.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "out" / "bayesian-slices.png").stat().st_size > 10000

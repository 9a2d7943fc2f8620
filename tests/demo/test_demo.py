"""The demo: its space and objective, and the command from end to end on a small budget."""

import csv

import numpy as np
import pytest
from typer.testing import CliRunner

import bayesopt as bo
from bayesopt.cli.app import app
from bayesopt.demo import DigitsLogLoss, compare, digits, model_space
from bayesopt.demo.digits import make_model


def points(n, seed=0):
    space = model_space()
    rows = space.to_rows(space.from_cube(np.random.default_rng(seed).random((n, space.n_columns))))
    return [space.decode(row) for row in rows]


def test_every_point_of_the_space_is_a_model():
    seen = {make_model(point).__class__.__name__ for point in points(200)}
    assert seen >= {"RandomForestClassifier", "HistGradientBoostingClassifier", "Pipeline"}


def test_a_model_has_the_settings_of_its_point():
    kernel = {
        "model": "kernel",
        "standardize": True,
        "kernel": "poly",
        "C": 3.0,
        "gamma": 0.1,
        "degree": 4,
    }
    scaler, model = make_model(kernel)
    assert scaler.__class__.__name__ == "StandardScaler"
    features, classifier = model
    assert {k: getattr(features, k) for k in ("kernel", "gamma", "degree")} == {
        k: kernel[k] for k in ("kernel", "gamma", "degree")
    }
    assert classifier.C == 3.0


def test_the_loss_is_what_scikit_learn_says_and_repeatable():
    from sklearn.metrics import log_loss
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    objective = DigitsLogLoss()
    point = {"model": "neighbours", "standardize": False, "k": 12, "weights": "distance"}
    images, digits = objective._data
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    predicted = cross_val_predict(
        make_model(point), images, digits, cv=folds, method="predict_proba"
    )
    assert len(digits) == 600
    # the folds are equal in size, so the mean over them is that over all
    assert objective(point) == pytest.approx(log_loss(digits, predicted), rel=1e-9)
    assert objective(point) == objective(point) < 0.5


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
        seeds=[0],
        watch=watch,
    )
    assert shown == ["random"] * 11 + ["grid"] * 11
    for (entry,) in entries.values():
        assert entry.n_evaluations == 11
        assert entry.objective_seconds >= 0
        assert entry.optimizer_seconds > 0
    assert entries["grid"][0].n_failures == 1
    assert entries["grid"][0].result.value == pytest.approx(0.0)


def test_each_seed_is_a_run_of_each_method():
    entries = compare(
        lambda params: params["x"],
        bo.Space(x=bo.Float(0, 1)),
        {"random": bo.RandomSearch(), "Bayesian": None},
        n_trials=4,
        seeds=range(2),
        watch=lambda label: lambda optimizer, trial: None,
    )
    assert {label: len(runs) for label, runs in entries.items()} == {"random": 2, "Bayesian": 2}
    first, second = (run.result for run in entries["random"])
    assert first.trials[0].params != second.trials[0].params


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
        seeds=[0],
        watch=lambda label: lambda optimizer, trial: None,
    )
    assert list(entries) == ["random"]
    assert entries["random"][0].result.stop.by_signal
    assert entries["random"][0].n_evaluations == 2


@pytest.mark.slow
def test_the_command(tmp_path, monkeypatch):
    monkeypatch.setattr(digits, "_IMAGES", 200)  # the same way with a fifth of the work
    words = ["demo", "--n-trials", "6", "--seeds", "2", "--output", str(tmp_path / "out")]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    for method in ("Bayesian", "random search", "grid search"):
        assert method in done.stdout
        for seed in range(2):
            table = tmp_path / "out" / f"{method.replace(' ', '-').lower()}-{seed}.csv"
            rows = list(csv.DictReader(table.read_text().splitlines()))
            assert [row["state"] for row in rows] == ["complete"] * 6
            assert min(float(row["value"]) for row in rows) < 2.3  # chance
    assert (tmp_path / "out" / "convergence.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "out" / "bayesian-slices.png").stat().st_size > 10000

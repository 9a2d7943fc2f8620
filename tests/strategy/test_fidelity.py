"""Fidelities: cheap evaluations inform, the top one counts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.strategy import Measured, Objective, RunData
from bayesopt.strategy.fidelity import log_costs
from tests.optimizer.running import QUICK

SPACE = bo.Space(x=bo.Float(0, 1), epochs=bo.Int(1, 81, log=True, role="fidelity"))


def value(params):
    """Off by more, and elsewhere, the fewer the epochs."""
    short = 1 - np.log(params["epochs"]) / np.log(81)
    return (params["x"] - 0.3 - 0.1 * short) ** 2 + 0.5 * short


def played(seed, n, space=SPACE, **options):
    opt = bo.Optimizer(space, seed=seed, proposer=QUICK, deterministic=True, **options)
    for _ in range(n):
        trial = opt.ask()
        opt.tell(trial, {"value": value(trial.params), "cost": trial.params["epochs"] / 81})
    return opt


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 99))
def test_points_are_legal_and_none_comes_twice(seed):
    opt = played(seed, 14)
    for trial in opt.trials:
        SPACE.validate(trial.params)
    assert len({repr(t.params) for t in opt.trials}) == 14


def test_most_evaluations_are_cheap_and_the_best_is_a_full_one():
    for seed in range(3):
        opt = played(seed, 20)
        epochs = [t.params["epochs"] for t in opt.trials]
        assert epochs[0] == 81
        assert sum(e < 81 for e in epochs) >= 5
        assert sum(e == 81 for e in epochs) >= 2
        assert opt.best.params["epochs"] == 81
        assert opt.recommended.params["epochs"] == 81
        assert opt.best.value == min(t.value for t in opt.trials if t.params["epochs"] == 81)
        assert opt.result().best.number == opt.best.number
        assert opt.best_for().params["epochs"] == 81


def test_cheap_results_alone_leave_no_best():
    opt = bo.Optimizer(SPACE, seed=0)
    opt.add_observation({"x": 0.5, "epochs": 3}, 0.1)
    assert opt.best is None
    opt.add_observation({"x": 0.5, "epochs": 81}, 0.7)
    assert opt.best.value == 0.7


def test_cheap_evaluations_never_cost_more_than_two_full_ones_in_a_row():
    opt = played(1, 30)
    spent = 0.0
    for trial in opt.trials:
        spent = 0.0 if trial.params["epochs"] == 81 else spent + trial.params["epochs"] / 81
        assert spent < 3.0


def test_a_fidelity_may_be_fixed():
    opt = played(0, 8)
    assert opt.ask(fixed={"epochs": 9}).params["epochs"] == 9
    opt.enqueue({"x": 0.25, "epochs": 27})
    assert opt.ask().params == {"x": 0.25, "epochs": 27}


def test_a_reloaded_run_asks_the_same(tmp_path):
    path = tmp_path / "run.db"
    stored = played(3, 9, storage=path)
    other = played(3, 9)
    assert [t.params for t in stored.trials] == [t.params for t in other.trials]
    stored.close()
    again = bo.Optimizer.reopen(path)
    assert again.space == SPACE
    assert again.best.number == other.best.number
    assert again.ask().params == other.ask().params
    again.close()


def test_costs_are_a_power_of_the_fidelity():
    rows = np.array([[0.1, e] for e in (1, 3, 9, 27, 81)] * 3)
    coords = SPACE.to_coords(rows)
    measured = [Measured(Objective(), np.zeros(len(rows)))]
    data = RunData.of(SPACE, coords, measured)
    levels = [1.0, 9.0, 81.0]
    np.testing.assert_allclose(log_costs(data, levels), np.log([1 / 81, 1 / 9, 1]))
    told = RunData(
        *[getattr(data, n) for n in ("problem", "coords", "evaluated", "failed")],
        data.pending,
        data.measured,
        None,
        7.0 * rows[:, 1] ** 0.5,
    )
    np.testing.assert_allclose(
        log_costs(told, levels), 0.5 * np.log([1 / 81, 1 / 9, 1]), atol=0.02
    )


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: bo.Float(0, 1, role="fidelity"), "a fidelity must be > 0"),
        (lambda: bo.Categorical(["a", "b"], role="fidelity"), "role must be one of"),
        (lambda: bo.Int(1, 9, role="fidelity", when={"x": 1}), "is always active"),
        (
            lambda: bo.Space(a=bo.Int(1, 9, role="fidelity"), b=bo.Int(1, 9, role="fidelity")),
            "one fidelity parameter at most; got 'a', 'b'",
        ),
    ],
)
def test_what_is_no_fidelity_is_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()


@pytest.mark.slow
def test_it_pays_where_the_cheap_ones_are_informative():
    """Of the same cost, less is left in the median than with full evaluations alone."""

    def left(space, seed):
        opt, spent = bo.Optimizer(space, seed=seed, proposer=QUICK, deterministic=True), 0.0
        while spent < 9.0:
            trial = opt.ask()
            s = trial.params.get("s", 1.0)
            opt.tell(trial, {"value": branin(trial.params, 0.5 * (1 - s)), "cost": s})
            spent += s
        return opt.best.value

    plain = {"x": bo.Float(-5, 10), "y": bo.Float(0, 15)}
    cheap = {**plain, "s": bo.Float(0.1, 1, log=True, role="fidelity")}
    remaining = np.array([[left(cheap, seed), left(plain, seed)] for seed in range(6)])
    assert np.median(remaining[:, 0]) < np.median(remaining[:, 1])


def branin(p, bias):
    slope = 5.1 / (4 * np.pi**2) - 0.1 * bias
    curved = (p["y"] - slope * p["x"] ** 2 + 5 / np.pi * p["x"] - 6) ** 2
    return curved + 10 * (1 - 1 / (8 * np.pi)) * np.cos(p["x"]) + 10 - 0.397887 + 5 * bias

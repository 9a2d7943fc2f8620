"""``minimize`` with several objectives."""

import logging

import pytest

import bayesopt as bo

SPACE = {"x": bo.Float(0.0, 1.0)}
BOTH = {"error": "minimize", "speed": "maximize"}


def by_name(params):
    return {"error": params["x"] ** 2, "speed": -((params["x"] - 1.0) ** 2)}


def in_order(params):
    return params["x"] ** 2, -((params["x"] - 1.0) ** 2)


@pytest.mark.parametrize("f", [by_name, in_order])
@pytest.mark.parametrize("n_workers", [None, 2])
def test_the_result_has_a_front(f, n_workers):
    result = bo.minimize(f, SPACE, objectives=BOTH, n_trials=7, seed=0, n_workers=n_workers)
    assert len(result.trials) == 7
    assert len(result.pareto) == 7  # every point of this problem is on the front
    assert result.stop is bo.Stop.N_TRIALS


def test_maximize_and_target_say_how_it_is_written():
    with pytest.raises(ValueError, match=r"bo\.minimize\(f, space, objectives="):
        bo.maximize(by_name, SPACE, objectives=BOTH, n_trials=2)
    opt = bo.Optimizer(SPACE, objectives=BOTH)
    with pytest.raises(ValueError, match=r"bo\.minimize\(f, space, objectives="):
        bo.maximize(by_name, optimizer=opt, n_trials=2)
    with pytest.raises(ValueError, match="thresholds="):
        bo.minimize(by_name, SPACE, objectives=BOTH, target=0.1, n_trials=2)
    assert len(bo.minimize(by_name, optimizer=opt, n_trials=2).trials) == 2


def test_a_result_without_an_objective_ends_the_run_with_a_clear_message():
    with pytest.raises(bo.ObjectiveError, match="lacks the objective 'speed'") as caught:
        bo.minimize(lambda p: {"error": 1.0}, SPACE, objectives=BOTH, n_trials=3, seed=0)
    assert len(caught.value.result.pareto) == 0


def test_patience_counts_trials_that_do_not_come_onto_the_front():
    def f(params):
        return 1.0, 1.0

    result = bo.minimize(f, SPACE, objectives=BOTH, patience=3, n_trials=30, seed=0)
    assert result.stop is bo.Stop.PATIENCE
    assert len(result.trials) == 4


def test_progress_and_log_speak_of_the_front(caplog, capsys):
    with caplog.at_level(logging.INFO, logger="bayesopt.minimize"):
        bo.minimize(by_name, SPACE, objectives=BOTH, n_trials=3, seed=0, progress=True)
    line = next(r.getMessage() for r in caplog.records if r.getMessage().startswith("trial 2"))
    assert "error=" in line
    assert "front of 3, hypervolume" in line
    assert "front of 3, hypervolume" in capsys.readouterr().err

"""What a notebook shows of a result and of an optimizer: a few lines, however long the run."""

import bayesopt as bo
from bayesopt.result import Result

SPACE = bo.Space(x=bo.Float(0.0, 1.0), kind=bo.Categorical(["a", "b\x1b[2J\nc"]))


def told(values, **settings):
    """A run with these results; None is a failure."""
    optimizer = bo.Optimizer(SPACE, seed=0, proposer=bo.RandomSearch(), **settings)
    for value in values:
        trial = optimizer.ask()
        if value is None:
            optimizer.tell_failure(trial, "broke")
        else:
            optimizer.tell(trial, value)
    return optimizer


def test_a_result_is_as_short_after_many_trials_as_after_few():
    few, many = (repr(told([0.5, None, *[1.0] * n]).result()) for n in (1, 100))
    assert len(few.splitlines()) == len(many.splitlines()) <= 3
    assert len(many) < 400
    assert "101 complete" in many
    assert "1 failed" in many
    assert "best: trial 0, value 0.5, x=" in many
    assert str(told([0.5]).result()) == repr(told([0.5]).result())


def test_a_result_without_a_best_trial_says_so():
    for values in ([], [None, None]):
        shown = repr(told(values).result())
        assert "no trial has a feasible value" in shown
    assert "Result(minimize: no trials;" in repr(told([]).result())


def test_the_recommended_trial_is_shown_where_it_is_another_one():
    result = told([0.5, 0.4, 0.6]).result()
    other = Result(
        result.trials[1], result.trials[0], result.trials, result.stop, "minimize", SPACE
    )
    assert "recommended: trial 0, value 0.5" in repr(other)
    same = Result(
        result.trials[1], result.trials[1], result.trials, result.stop, "minimize", SPACE
    )
    assert "recommended" not in repr(same)


def test_codes_in_a_choice_do_not_reach_the_terminal():
    shown = repr(told([1.0] * 8).result())
    assert "\x1b" not in shown
    assert len(shown.splitlines()) <= 3


def test_an_optimizer_says_what_and_where(tmp_path):
    path = tmp_path / "run.db"
    assert repr(told([1.0])) == "Optimizer(minimize, 2 parameters, in memory)"
    assert str(path) in repr(told([1.0], storage=path, direction="maximize"))
    assert "maximize" in repr(told([1.0], direction="maximize"))

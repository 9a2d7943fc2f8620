"""Exploration while predictions are unreliable: plateaus of noise, constant objectives."""

import logging
from dataclasses import dataclass, replace

import numpy as np
import pytest

import bayesopt as bo
from bayesopt.trial import Origin
from tests.optimizer.running import PLANE, events, optimizer, replayed, run

CUBE = bo.Space({f"x{i}": bo.Float(0.0, 1.0) for i in range(4)})


def noise(params):
    """A plateau: nothing but noise of a ten-thousandth, the same when a point comes again."""
    x = list(params.values())
    return 2.3 + 1e-4 * np.random.default_rng([int(1e6 * v) for v in x]).standard_normal()


def bowl(params):
    return sum((v - 0.3) ** 2 for v in params.values())


def constant(params):
    return 1.5


def explored(opt):
    return [t.number for t in opt.trials if t.origin is Origin.EXPLORATION]


def coords(opt, numbers):
    return np.array([list(opt.trials[n].params.values()) for n in numbers])


@dataclass(frozen=True)
class Credited(bo.MapGP):
    """The default surrogate, said to have predicted badly from 10 to 29 observations."""

    def fit(self, columns, data, **known):
        bad = 10 <= len(data.values) < 30
        return replace(super().fit(columns, data, **known), log_score=-7.0 if bad else 0.0)


@pytest.mark.parametrize("objective", [noise, bowl])
def test_every_third_trial_while_the_surrogate_predicts_badly_and_none_after(objective):
    """From 3 (d + 2) = 18 observations on: before that nothing is known of the surrogate."""
    opt = optimizer(CUBE, surrogate=Credited())
    run(opt, objective, 36)
    assert explored(opt) == [18, 21, 24, 27]


@dataclass(frozen=True)
class Scored(bo.MapGP):
    """The default surrogate, said to have predicted so well."""

    score: float = 0.0

    def fit(self, columns, data, **known):
        return replace(super().fit(columns, data, **known), log_score=self.score)


@pytest.mark.parametrize(("score", "share"), [(-7.0, 3), (-0.5, 3), (0.5, 0)])
def test_where_all_is_noise_to_the_model_every_third_trial_but_not_if_it_predicted(score, share):
    opt = optimizer(PLANE, surrogate=Scored(score=score))
    rng = np.random.default_rng(0)
    for x, y in rng.random((15, 2)):  # each twice, which shows that it is noise
        for _ in range(2):
            opt.add_observation({"x": x, "y": y}, rng.standard_normal())
    run(opt, lambda _: rng.standard_normal(), 6)
    assert explored(opt) == [n for n in range(30, 36) if share and n % share == 0]


@pytest.mark.parametrize(("told", "share"), [(1.0, 3), (1e-3, 0)])
def test_noise_that_is_told_counts_as_what_the_fit_takes_for_noise(told, share):
    """Of values that are all the same to the model, but for what is told of their noise."""
    opt = optimizer(PLANE, surrogate=Scored(score=-0.5))
    rng = np.random.default_rng(0)
    for x, y in rng.random((30, 2)):
        value = bowl({"x": x, "y": y}) / 0.1 if told < 1 else rng.standard_normal()
        opt.add_observation({"x": x, "y": y}, {"value": value, "sd": told})
    run(opt, lambda p: {"value": rng.standard_normal(), "sd": told}, 6)
    assert explored(opt) == [n for n in range(30, 36) if share and n % share == 0]


@pytest.mark.parametrize("score", [-0.5, 0.5])
def test_where_the_model_explains_what_varies_none(score):
    opt = optimizer(PLANE, surrogate=Scored(score=score))
    for x, y in np.random.default_rng(0).random((30, 2)):
        opt.add_observation({"x": x, "y": y}, bowl({"x": x, "y": y}))
    run(opt, bowl, 6)
    assert explored(opt) == []


def exploring(start):
    """The first run that explores, of those with five seeds."""
    for seed in range(5):
        opt = start(seed)
        if explored(opt):
            return opt
    raise AssertionError("none of five runs explores")


def test_noise_is_no_guide():
    """Of runs of 40 trials over noise about 7 in 8 explore; of these five one has to."""

    def start(seed):
        opt = optimizer(CUBE, seed=seed)
        while len(opt.trials) < 40 and not explored(opt):
            run(opt, noise, 1)
        return opt

    first = explored(exploring(start))[0]
    assert first % 3 == 0
    assert first >= 18


def test_a_smooth_function_needs_none():
    opt = optimizer(CUBE)
    run(opt, bowl, 25)
    assert explored(opt) == []


@pytest.mark.parametrize("space", [CUBE, PLANE], ids=["4", "2"])
def test_a_constant_objective_is_searched_evenly(space):
    opt = optimizer(space)
    run(opt, constant, 38)
    size = sum(t.origin is Origin.INITIAL for t in opt.trials)
    assert explored(opt) == list(range(size, 38))
    halves = coords(opt, explored(opt)) > 0.5
    np.testing.assert_allclose(halves.mean(axis=0), 0.5, atol=0.1)
    assert not ((coords(opt, explored(opt)) % 1.0) == 0.0).any()  # not the borders


def test_constant_but_for_failures_is_not_searched_blindly():
    opt = optimizer(PLANE)
    for _ in range(25):
        trial = opt.ask()
        if trial.params["x"] > 0.5:
            opt.tell_failure(trial, "too hot")
        else:
            opt.tell(trial, 1.0)
    last = opt.trials[8:]
    assert sum(t.params["x"] > 0.5 for t in last) < len(last) / 3


def test_the_user_may_do_without():
    never = bo.AcquisitionSearch(
        n_candidates=64, n_sprays=32, n_starts=3, max_rounds=2, explore_every=0
    )
    opt = optimizer(PLANE, proposer=never)
    run(opt, constant, 15)
    assert explored(opt) == []
    with pytest.raises(ValueError, match=r"explore_every must .*; got -1"):
        bo.AcquisitionSearch(explore_every=-1)


def test_it_is_said(caplog):
    caplog.set_level(logging.INFO, "bayesopt")
    opt = optimizer(PLANE)
    run(opt, constant, 8)
    said = [r.message for r in caplog.records if "spread over the space" in r.message]
    assert len(said) == len(explored(opt)) > 0
    assert "all results are equal" in said[0]


@pytest.mark.parametrize("objective", [noise, constant])
def test_the_next_point_is_the_same_after_a_reload_anywhere(objective):
    def start(seed):
        opt = optimizer(CUBE, seed=seed)
        for _ in range(13):
            batch = opt.ask_batch(3)
            opt.recommended  # noqa: B018 - a look fits a model
            for trial in reversed(batch):
                opt.tell(trial, objective(trial.params))
        return opt

    opt = exploring(start)
    written = events(opt)
    for k in (i for i, e in enumerate(written) if e["kind"] == "asked"):
        again = optimizer(CUBE, storage=replayed(written[:k]), seed=None)
        again.ask()
        assert events(again)[k] == written[k], f"event {k}"


def test_points_differ_until_the_space_is_spent():
    space = bo.Space(k=bo.Int(0, 6), kind=bo.Categorical(["a", "b"]))
    opt = optimizer(space)
    run(opt, constant, 14)
    assert len({tuple(t.params.values()) for t in opt.trials}) == 14


def test_known_constraints_are_kept():
    for limit in (0.4, 0.02):  # the second allows hardly any of the set's points
        inside = bo.LinearConstraint({"x": 1.0, "y": 1.0}, upper=limit)
        opt = optimizer(bo.Space(x=bo.Float(0, 1), y=bo.Float(0, 1), constraints=[inside]))
        run(opt, constant, 20)
        assert explored(opt)
        assert all(t.params["x"] + t.params["y"] <= limit + 1e-12 for t in opt.trials)

"""Predictions: units, signs, quantiles, coverage."""

import math

import numpy as np
import pytest
from scipy import stats

import bayesopt as bo
from bayesopt.optimizer.prediction import Prediction
from bayesopt.surrogate.transform import Bilog, Identity, LogGap, OutputTransform, RobustScaler
from tests.optimizer.running import LINE, PLANE, line_value, optimizer, run

GRID = [{"x": float(x)} for x in np.linspace(-2, 3, 101)]


def known(direction="minimize", value=line_value, n=14, **options):
    opt = optimizer(LINE, direction=direction, **options)
    for x in np.linspace(-2, 3, n):
        opt.add_observation({"x": float(x)}, value({"x": float(x)}))
    return opt


def test_predictions_are_in_the_users_units():
    truth = np.array([1e6 * line_value(p) - 3e6 for p in GRID])
    predicted = known(value=lambda p: 1e6 * line_value(p) - 3e6).predict(GRID)
    assert predicted.mean.shape == (101,)
    assert np.abs(predicted.mean - truth).max() < 0.06 * np.ptp(truth)
    assert (predicted.sd > 0).all()


def test_one_point_and_several():
    opt = known()
    one, several = opt.predict(GRID[7]), opt.predict(GRID)
    assert one.mean.shape == (1,)
    assert one.mean[0] == pytest.approx(several.mean[7], rel=1e-9)
    assert opt.predict([]).mean.shape == (0,)
    assert opt.predict(iter(GRID)).sd.shape == (101,)


def test_a_point_of_the_wrong_kind():
    with pytest.raises(ValueError, match="x"):
        known().predict({"x": 99.0})
    with pytest.raises(ValueError, match="x"):
        known().predict([{}])


def test_quantiles_are_those_of_the_normal_when_nothing_is_bent():
    opt = known(surrogate=bo.MapGP(transforms=("identity",)))
    p = opt.predict(GRID)
    for q in (0.01, 0.3, 0.5, 0.975):
        np.testing.assert_allclose(
            p.quantile(q), stats.norm(p.mean, p.sd).ppf(q), rtol=1e-6, atol=1e-9
        )
    assert (p.quantile(0.9) > p.quantile(0.1)).all()


@pytest.mark.parametrize("transforms", [("identity",), ("log",), ("yeo-johnson",)])
def test_maximising_mirrors_everything(transforms):
    surrogate = bo.MapGP(transforms=transforms)
    low = known(surrogate=surrogate).predict(GRID)
    high = known("maximize", lambda p: -line_value(p), surrogate=surrogate).predict(GRID)
    np.testing.assert_array_equal(high.mean, -low.mean)
    np.testing.assert_array_equal(high.sd, low.sd)
    np.testing.assert_allclose(high.quantile(0.1), -low.quantile(0.9), rtol=1e-12)
    assert (high.quantile(0.9) >= high.quantile(0.1)).all()


@pytest.mark.parametrize("q", [0.0, 1.0, -0.5, math.nan])
def test_impossible_quantiles(q):
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        known().predict(GRID).quantile(q)


@pytest.mark.parametrize(
    "warp", [Identity(), LogGap(-1.0, 0.5), Bilog(0.2)], ids=lambda b: type(b).__name__
)
@pytest.mark.parametrize("unit", [1.0, 1e300, 1e-300])
def test_moments_by_sampling(warp, unit):
    scaler = RobustScaler(2.0 * unit, 3.0 * unit, -1e8, 1e8)
    transform = OutputTransform(scaler, warp, 0.3, 0.8)
    prediction = Prediction(np.array([0.2, -1.0]), np.array([0.5, 1e-3]), transform, 1.0)
    z = np.random.default_rng(1).standard_normal(200_000)
    for i in range(2):
        latent = prediction.latent_mean[i] + prediction.latent_sd[i] * z
        samples = transform.inverse(latent) / unit
        assert prediction.mean[i] / unit == pytest.approx(samples.mean(), rel=0.01, abs=0.01)
        assert prediction.sd[i] / unit == pytest.approx(samples.std(), rel=0.02)
        median = np.median(samples)
        assert prediction.quantile(0.5)[i] / unit == pytest.approx(median, rel=0.01, abs=0.01)


def test_the_truth_lies_within_the_quantiles_as_often_as_they_say():
    """Functions drawn from what the model assumes, in two dimensions."""
    inside = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        centers, heights = rng.random((12, 2)), rng.standard_normal(12)

        def truth(p, c=centers, h=heights):
            d2 = ((np.array([p["x"], p["y"]]) - c) ** 2).sum(axis=1)
            return float(h @ np.exp(-d2 / 0.18))

        opt = optimizer(PLANE, seed=seed, deterministic=True)
        points = [{"x": x, "y": y} for x, y in rng.random((25, 2))]
        opt.add_observations([(p, truth(p)) for p in points])
        new = [{"x": x, "y": y} for x, y in rng.random((60, 2))]
        predicted = opt.predict(new)
        low, high = predicted.quantile(0.05), predicted.quantile(0.95)
        values = np.array([truth(p) for p in new])
        inside.append(((low <= values) & (values <= high)).mean())
    assert 0.78 < np.mean(inside) <= 1.0


def test_after_more_results_the_model_is_another():
    opt = known()
    before = opt.predict({"x": 0.11}).sd[0]
    opt.add_observation({"x": 0.12}, line_value({"x": 0.12}))
    assert opt.predict({"x": 0.11}).sd[0] < before


def test_far_away_it_is_less_sure():
    opt = optimizer(LINE, deterministic=True)
    for x in (-2.0, -1.8, -1.6, -1.5):
        opt.add_observation({"x": x}, line_value({"x": x}))
    p = opt.predict([{"x": -1.7}, {"x": 3.0}])
    assert p.sd[1] > 10 * p.sd[0]


def test_predictions_of_mixed_points():
    space = bo.Space(
        kind=bo.Categorical(["a", "b"]), x=bo.Float(0, 1), y=bo.Float(0, 1, when={"kind": "b"})
    )
    opt = optimizer(space)
    run(opt, lambda p: p["x"] + (2.0 + p["y"] if p["kind"] == "b" else 0.0), 16)
    p = opt.predict([{"kind": "a", "x": 0.5}, {"kind": "b", "x": 0.5, "y": 0.5}])
    np.testing.assert_allclose(p.mean, [0.5, 3.0], atol=0.4)


@pytest.mark.parametrize("transform", ["identity", "log", "yeo-johnson"])
@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_predictions_at_the_end_of_the_floats_are_finite(transform, direction):
    opt = bo.Optimizer(
        bo.Space(x=bo.Float(-2, 3)),
        direction=direction,
        seed=0,
        surrogate=bo.MapGP(transforms=(transform,)),
    )
    for x in np.linspace(-2, 3, 12):
        opt.add_observation({"x": float(x)}, math.copysign(1.7e308, math.sin(3 * x)))
    p = opt.predict(GRID)
    for numbers in (p.mean, p.sd, p.quantile(0.01), p.quantile(0.99)):
        assert np.isfinite(numbers).all()
    assert (p.sd >= 0).all()
    low, mean, high = (y / 1.7e308 for y in (p.quantile(1e-12), p.mean, p.quantile(1 - 1e-12)))
    assert ((low <= mean + 1e-9) & (mean <= high + 1e-9)).all()


def test_moments_are_those_of_the_values_scaled():
    """The same numbers in another unit, up to the largest floats."""
    base = np.array([-1.0, 0.3, 0.8, 1.0])
    for unit in (1.0, 1e-290, 1e290, 1.6e308):
        transform = OutputTransform.of(base * unit, RobustScaler.of(base * unit), Identity())
        p = Prediction(np.array([0.0, 1.5, -0.7]), np.array([0.2, 1.0, 0.5]), transform, 1.0)
        one = OutputTransform.of(base, RobustScaler.of(base), Identity())
        q = Prediction(p.latent_mean, p.latent_sd, one, 1.0)
        if unit < 1e300:  # beyond, what is out of the floats' range is cut off
            np.testing.assert_allclose(p.mean, q.mean * unit, rtol=1e-9)
            np.testing.assert_allclose(p.sd, q.sd * unit, rtol=1e-9)
        assert np.isfinite([p.mean, p.sd]).all()


def test_a_trial_that_was_lost_does_not_move_the_recommendation():
    """Trials are counted anew without it, whatever model is at hand."""
    opt = bo.Optimizer({"x": bo.Float(0, 1)}, seed=1, proposer=bo.RandomSearch())
    lost, *others = [opt.ask() for _ in range(13)]
    noise = np.random.default_rng(0)
    for trial in others:
        value = (trial.params["x"] - 0.4) ** 2 + 0.1 * noise.standard_normal()
        opt.tell(trial, {"value": value, "sd": 0.1})
    before = opt.recommended
    opt.abandon(lost, "the machine is gone")
    assert opt.recommended == before
    assert opt.result().recommended == before

"""Evaluations that ended early inform the model, and none of them is the best."""

from __future__ import annotations

import numpy as np

import bayesopt as bo
from bayesopt.strategy import Measured, Objective, RunData, with_partial
from bayesopt.strategy.algorithm import fit
from bayesopt.strategy.model import RunModel

SPACE = bo.Space(x=bo.Float(0.0, 1.0))


def data(xs: list[float], partial: list[tuple[int, float, float, float]]) -> RunData:
    """Values (x - 0.2)² at ``xs``; ``partial`` are (place, x, mean, sd)."""
    x = np.array(xs)[:, None]
    extra = np.array([p[1] for p in partial])[:, None].reshape(-1, 1)
    base = RunData.of(SPACE, x, [Measured(Objective(), (x[:, 0] - 0.2) ** 2)], avoided=extra)
    rows = len(xs) + np.arange(len(partial))
    places, _, means, sds = (np.array(column) for column in zip(*partial, strict=True))
    return with_partial(base, places.astype(np.int64), rows, means, sds)


def model(run: RunData) -> RunModel:
    return fit(run, bo.ProposalConfig(1))


def test_each_goes_where_it_ended() -> None:
    run = data([0.1, 0.5, 0.9], [(1, 0.3, 5.0, 0.5), (3, 0.7, 6.0, 0.25)])
    assert run.evaluated_coords[:, 0].tolist() == [0.1, 0.3, 0.5, 0.9, 0.7]
    assert run.objective.values[[1, 4]].tolist() == [5.0, 6.0]
    assert run.objective.noise_sd[[1, 4]].tolist() == [0.5, 0.25]
    assert np.isnan(run.objective.noise_sd[[0, 2, 3]]).all()
    assert run.eligible.tolist() == [True, False, True, True, False]


def test_a_predicted_end_moves_the_posterior_and_is_never_recommended() -> None:
    xs = [0.05, 0.2, 0.4, 0.6, 0.7]
    with_it = model(data(xs, [(5, 0.95, -3.0, 0.05)]))
    without = model(data(xs, [(5, 0.95, 0.56, 0.05)]))
    at = np.array([[0.95]])

    def end(fitted: RunModel) -> float:
        assert fitted.objective is not None
        mean, _ = fitted.objective.posterior.mean_var(at)
        return float(fitted.objective.transform.inverse(mean)[0])

    assert end(with_it) < end(without)
    assert with_it.recommended != 5
    assert int(with_it.order[0]) != 5


def test_the_noise_of_predictions_makes_no_noisy_run() -> None:
    run = data(np.linspace(0.0, 1.0, 9).tolist(), [(9, 0.33, 0.02, 0.3)])
    assert not model(run).is_noisy

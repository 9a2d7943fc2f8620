"""Ray Tune's searcher: its domains, its protocol, and a tuner that runs with it."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("ray", reason="Ray is not installed: bayesopt-engine[ray]")
pytest.importorskip("ray.tune")

from ray import tune
from ray.tune.search import ConcurrencyLimiter, Searcher

import bayesopt as bo
from bayesopt.integrations.ray_tune import BayesOptSearch

pytestmark = pytest.mark.filterwarnings("ignore")

DOMAINS = {
    "rate": tune.loguniform(1e-4, 1.0),
    "share": tune.quniform(0.0, 1.0, 0.25),
    "net": {
        "width": tune.lograndint(4, 65),
        "depth": tune.randint(1, 5),
        "kind": tune.choice("ab"),
    },
    "batch": tune.qrandint(16, 64, 16),
    "shift": tune.randn(3.0, 2.0),
    "sizes": tune.choice([[1, 2], [3]]),
    "seed": 7,
}


def made(space=DOMAINS, mode="min", **options):
    return BayesOptSearch(space, "loss", mode, **{"seed": 0, **options})


def loss(config):
    return (math.log10(config["rate"]) + 2) ** 2 + config["share"]


def told(search, n, start=0):
    configs = []
    for i in range(start, start + n):
        config = search.suggest(f"t{i}")
        search.on_trial_complete(f"t{i}", {"loss": loss(config)})
        configs.append(config)
    return configs


def test_suggestions_are_what_ray_tune_would_draw():
    seen = told(made(proposer=bo.RandomSearch()), 60)
    for config in seen:
        assert set(config) == {"rate", "share", "net", "batch", "shift", "sizes"}
        assert 1e-4 <= config["rate"] <= 1.0
        assert config["share"] in (0.0, 0.25, 0.5, 0.75, 1.0)
        assert 4 <= config["net"]["width"] <= 64
        assert 1 <= config["net"]["depth"] <= 4
        assert config["batch"] in (16, 32, 48, 64)
        assert config["sizes"] in ([1, 2], [3])
    assert {c["net"]["kind"] for c in seen} == {"a", "b"}
    assert {c["net"]["depth"] for c in seen} == {1, 2, 3, 4}
    assert {c["batch"] for c in seen} == {16, 32, 48, 64}
    assert np.mean([c["shift"] for c in seen]) == pytest.approx(3.0, abs=1.5)


@pytest.mark.parametrize("mode", ["min", "max"])
def test_it_finds_the_best(mode):
    search = BayesOptSearch({"x": tune.uniform(0.0, 1.0)}, "y", mode, seed=1)
    sign = 1.0 if mode == "min" else -1.0
    values = []
    for i in range(14):
        x = search.suggest(str(i))["x"]
        values.append((x - 0.3) ** 2)
        search.on_trial_complete(str(i), {"y": sign * values[-1]})
    assert min(values) < 1e-3


def test_points_to_evaluate_come_first_and_results_from_elsewhere_count():
    points = [{"rate": 0.01, "share": 0.5, "net": {"width": 8, "depth": 2, "kind": "b"},
               "batch": 32, "shift": 1.0, "sizes": [3]}]  # fmt: skip
    search = made(points_to_evaluate=points)
    first = search.suggest("t0")
    assert first.pop("shift") == pytest.approx(1.0)
    assert first == {k: v for k, v in points[0].items() if k != "shift"}
    search.add_evaluated_point(points[0], 0.5)
    search.add_evaluated_point({**points[0], "share": 1.0}, 0.5, error=True)
    search.add_evaluated_point({**points[0], "share": 0.0}, 0.5, pruned=True)
    assert [t.value for t in search._optimizer.trials] == [None, 0.5, None]


def test_a_limit_of_trials_at_once():
    search = made(max_concurrent=2)
    assert search.suggest("a")
    assert search.suggest("b")
    assert search.suggest("c") is None
    search.on_trial_complete("a", {"loss": 1.0})
    assert search.suggest("c")
    limited = ConcurrencyLimiter(made(), max_concurrent=1)
    assert limited.suggest("a")
    assert limited.suggest("b") is None


def test_what_becomes_of_trials():
    search = made()
    for name in "abcd":
        search.suggest(name)
    search.on_trial_complete("a", {"loss": 1.0})
    search.on_trial_complete("b", error=True)
    search.on_trial_complete("c", {"loss": float("nan")})
    search.on_trial_complete("d", None)
    search.on_trial_complete("nobody", {"loss": 1.0})
    states = [t.state.name for t in search._optimizer.trials]
    assert states == ["COMPLETE", "FAILED", "FAILED", "ABANDONED"]


def test_constraints_are_metrics_with_a_limit():
    search = made(outcome_constraints={"latency": "<= 20"})
    search.suggest("a")
    search.on_trial_complete("a", {"loss": 1.0, "latency": 30.0, "other": 3})
    assert not search._optimizer.trials[0].feasible


def test_a_space_that_is_used_up_is_finished():
    search = BayesOptSearch({"x": tune.choice([1, 2])}, "loss", "min", seed=0)
    for name in "ab":
        search.suggest(name)
        search.on_trial_complete(name, {"loss": 0.0})
    assert search.suggest("c") == Searcher.FINISHED


@pytest.mark.parametrize("given", [True, False])
def test_a_restored_search_goes_on_as_the_one_that_was_saved(tmp_path, given):
    search = made()
    told(search, 8)
    search.suggest("running")
    search.save(str(tmp_path / "search.json"))
    restored = BayesOptSearch(DOMAINS if given else None, seed=None)
    if not given:
        restored.set_search_properties("loss", "min", DOMAINS)
    restored.restore(str(tmp_path / "search.json"))
    for one in (search, restored):
        one.on_trial_complete("running", {"loss": 0.7})
    assert told(restored, 3, 20) == told(search, 3, 20)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"events": [1], "trials": {}}'])
def test_what_is_no_search_is_refused(tmp_path, content):
    (tmp_path / "search.json").write_text(content)
    with pytest.raises(ValueError, match=r"search\.json holds no search"):
        made().restore(str(tmp_path / "search.json"))


def test_our_space_has_conditions():
    space = bo.Space(kind=bo.Categorical(["a", "b"]), x=bo.Float(0, 1, when={"kind": "a"}))
    search = BayesOptSearch(space, "loss", "min", seed=0)
    for i in range(8):
        config = search.suggest(str(i))
        assert ("x" in config) == (config["kind"] == "a")
        search.on_trial_complete(str(i), {"loss": 0.0})


def test_misuse_is_answered():
    with pytest.raises(ValueError, match=r"grid_search cannot be searched: x"):
        made({"x": tune.grid_search([1, 2])})
    with pytest.raises(ValueError, match=r"f: .* cannot be searched"):
        made({"f": tune.sample_from(lambda spec: 1)})
    with pytest.raises(RuntimeError, match="no space and no metric and no mode yet"):
        BayesOptSearch().suggest("a")
    with pytest.raises((TypeError, ValueError), match="max_concurrent"):
        made(max_concurrent=0)


@pytest.mark.slow
def test_a_tuner_runs_with_it_and_is_restored(tmp_path, monkeypatch):
    import ray

    root = Path(bo.__file__).parents[1]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(root), str(root / "kernels")]))
    monkeypatch.setenv("RAY_AIR_NEW_OUTPUT", "0")
    try:
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    except Exception as error:
        pytest.skip(f"Ray does not start here: {error}")
    try:

        def train(config):
            if config["x"] > 0.9:
                raise ValueError("too far")
            tune.report({"loss": (config["x"] - 0.3) ** 2})

        def fit(n, search):
            return tune.Tuner(
                train,
                param_space={"x": tune.uniform(0.0, 1.0)},
                tune_config=tune.TuneConfig(
                    metric="loss", mode="min", search_alg=search, num_samples=n,
                    max_concurrent_trials=2,
                ),
                run_config=tune.RunConfig(name="run", storage_path=str(tmp_path), verbose=0),
            ).fit()  # fmt: skip

        results = fit(6, BayesOptSearch(seed=0, points_to_evaluate=[{"x": 0.95}]))
        assert len(results) == 6
        assert results.num_errors >= 1  # the given point
        assert results.get_best_result().metrics["loss"] < 0.2
        (kept,) = (tmp_path / "run").glob("searcher-state-*")
        assert len(json.loads(kept.read_text())["events"]) > 6
        again = BayesOptSearch()
        again.restore_from_dir(str(tmp_path / "run"))
        assert len(again._optimizer.trials) == 6
    finally:
        ray.shutdown()

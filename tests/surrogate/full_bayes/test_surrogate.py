"""The surrogate: what it keeps, what it repeats, and what it does when chains go wrong."""

import ast
import json
import logging
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import bayesopt as bo
from bayesopt.acquisition import EI, UCB, Acquisition, AcquisitionContext, BoundAcquisition, LogEI
from bayesopt.surrogate import Columns, Fitted, MapGP, Observations, Posterior
from bayesopt.surrogate.full_bayes import ConvergenceThresholds, FullBayesGP
from bayesopt.surrogate.full_bayes import surrogate as room
from bayesopt.surrogate.full_bayes.chains import Chains
from bayesopt.surrogate.full_bayes.mixture import Mixture
from bayesopt.surrogate.full_bayes.sampling import SamplingFailed, sample_pymc
from bayesopt.testing.surrogates import SurrogateLaws

pytestmark = pytest.mark.bayes
LOOSE = ConvergenceThresholds(
    r_hat=50.0, hopeless_r_hat=1e9, ess=0.0, divergent=1.0, hopeless_divergent=1.0, saturated=1.0
)
COLUMNS = Columns(np.array([False, False, True]), np.zeros(3, dtype=bool), ("a", "b", "k"))


def quick(**options: Any) -> FullBayesGP:
    given = {"draws": 20, "tune": 30, "keep": 6, "thresholds": LOOSE, "sampler": "pymc", **options}
    return FullBayesGP(**given)


def observations(n: int, *, deterministic: bool = False) -> Observations:
    rng = np.random.default_rng(0)
    coords = np.column_stack([rng.random((n, 2)), rng.integers(0, 3, n)])
    values = (coords[:, 0] - 0.3) ** 2 + 0.3 * np.sin(6 * coords[:, 1]) + 0.1 * coords[:, 2]
    noise = 0.0 if deterministic else 0.01 * rng.standard_normal(n)
    return Observations(coords, values + noise, np.full(n, np.nan), deterministic)


def first(data: Observations, n: int) -> Observations:
    return Observations(data.coords[:n], data.values[:n], data.noise_sd[:n], data.deterministic)


def fit(
    surrogate: FullBayesGP, data: Observations, state: Any = None, previous: Any = None
) -> Fitted:
    rng = np.random.default_rng(3)
    return surrogate.fit(COLUMNS, data, state=state, rng=rng, previous=previous)


class TestLaws(SurrogateLaws):
    """The contract of every surrogate, with chains too short to be believed."""

    def surrogate(self) -> FullBayesGP:
        return quick(draws=8, tune=12, keep=3)


def test_state_is_json_and_continues_the_run_to_the_bit() -> None:
    data, surrogate = observations(24), quick(refit_every=4)
    state: Mapping[str, Any] | None = None
    stored: Mapping[str, Any] | None = None
    previous = None
    for n in (18, 19, 20, 21, 22, 24):
        one = fit(surrogate, first(data, n), state, previous)
        other = fit(quick(refit_every=4), first(data, n), stored)
        new = some_coords()
        np.testing.assert_array_equal(
            one.posterior.mean_var(new)[0], other.posterior.mean_var(new)[0]
        )
        state, previous = one.state, one
        stored = json.loads(json.dumps(dict(other.state), allow_nan=False))
    assert [r["n"] for r in one.state["refits"]] == [18, 22]


def some_coords(n: int = 15) -> np.ndarray:
    rng = np.random.default_rng(9)
    return np.column_stack([rng.random((n, 2)), rng.integers(0, 3, n)])


def test_between_refits_processes_are_extended_not_sampled_anew() -> None:
    data, surrogate = observations(24), quick(refit_every=10)
    old = fit(surrogate, first(data, 18))
    new = fit(surrogate, first(data, 22), old.state, old)
    assert new.state is old.state
    assert isinstance(new.posterior, Mixture)
    assert isinstance(old.posterior, Mixture)
    assert new.posterior.roots is old.posterior.roots
    # second route: the same draws given all the data at once
    anew = {**old.state, "n": 22}
    expected = fit(surrogate, first(data, 22), anew)
    for a, b in zip(new.posterior.components, expected.posterior.components, strict=True):
        x, y = a.predict(some_coords()), b.predict(some_coords())
        np.testing.assert_allclose(x.mean, y.mean, atol=1e-7)
        np.testing.assert_allclose(x.var, y.var, atol=1e-7)


def test_refits_come_with_a_tenth_more_data() -> None:
    surrogate = FullBayesGP()
    state = {"n": 15, "log_theta": [[0.0] * 5]}
    assert surrogate._is_due(state, COLUMNS, observations(16))
    state = {"n": 40, "log_theta": [[0.0] * 5]}
    assert not surrogate._is_due(state, COLUMNS, observations(43))
    assert surrogate._is_due(state, COLUMNS, observations(44))
    of_another_space = {"n": 40, "log_theta": [[0.0] * 4]}
    assert surrogate._is_due(of_another_space, COLUMNS, observations(40))


def test_map_stands_in_until_sampling_begins() -> None:
    data, surrogate = observations(12), quick(begin=10)
    early = fit(surrogate, first(data, 8))
    alone = MapGP(short_scale=False).fit(
        COLUMNS, first(data, 8), state=None, rng=np.random.default_rng(3)
    )
    new = some_coords()
    for a, b in zip(early.posterior.mean_var(new), alone.posterior.mean_var(new), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
    assert early.diagnostics["refits"] == []
    assert early.diagnostics["verdict"].startswith("too few observations")
    with pytest.raises(ValueError, match=r"begin=\.\.\."):
        surrogate.posterior  # noqa: B018
    stored = json.loads(json.dumps(dict(early.state), allow_nan=False))
    assert fit(surrogate, first(data, 8), stored).state == stored
    assert fit(surrogate, first(data, 9), stored).diagnostics["refits"] == []
    begun = fit(surrogate, first(data, 10), stored)
    assert [r["n"] for r in begun.diagnostics["refits"]] == [10]
    assert len(begun.posterior.components) == 6
    assert not begun.diagnostics["verdict"].startswith("too few")
    # continued with another setting, what was put off is done at once
    now = fit(quick(begin=0), first(data, 8), stored)
    assert [r["n"] for r in now.diagnostics["refits"]] == [8]


@pytest.mark.parametrize(("d", "begins"), [(2, 2), (12, 12), (30, 20)])
def test_sampling_begins_with_as_many_observations_as_parameters(d: int, begins: int) -> None:
    columns = Columns(np.zeros(d, dtype=bool), np.zeros(d, dtype=bool))
    rng = np.random.default_rng(1)
    for n in (begins - 1, begins):
        data = Observations(rng.random((n, d)), np.arange(float(n)), np.full(n, np.nan), False)
        found = quick(draws=8, tune=8).fit(columns, data, state=None, rng=rng)
        assert len(found.diagnostics["refits"]) == (n >= begins)


@pytest.mark.parametrize("acquisition", [LogEI(), EI(), UCB(beta=1.5)], ids=repr)
def test_one_draw_is_map(acquisition: Acquisition) -> None:
    """Averaged over one draw, the acquisition is that of MapGP at the same hyperparameters."""
    data = observations(16)
    peak = MapGP().fit(COLUMNS, data, state=None, rng=np.random.default_rng(0))
    state = {
        "n": 16,
        "transform": peak.state["transform"],
        "log_theta": [list(peak.state["log_theta"])],
        "warm": None,
        "map": dict(peak.state),
        "refits": [{"n": 16, "verdict": "good"}],
    }
    ours = fit(quick(refit_every=5), data, state)
    assert len(ours.posterior.components) == 1
    new = some_coords()
    for theirs, mine in zip(
        _scores(acquisition, peak, new), _scores(acquisition, ours, new), strict=True
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-12)


def _scores(
    acquisition: Acquisition, fitted: Fitted, new: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    best = tuple(np.array([-1.0]) for _ in fitted.posterior.components)
    bound = BoundAcquisition(acquisition, AcquisitionContext(fitted.posterior, best))
    return bound.values_with_gradient(new)


@pytest.mark.parametrize("acquisition", [LogEI(), EI(), UCB(beta=1.5)], ids=repr)
def test_the_mixture_averages_the_acquisition_not_the_moments(acquisition: Acquisition) -> None:
    fitted, new = fit(quick(), observations(14)), some_coords()
    value, gradient = _scores(acquisition, fitted, new)
    each = []
    for component in fitted.posterior.components:
        single = Fitted(Posterior.single(component), fitted.transform, {})
        each.append(_scores(acquisition, single, new))
    values, slopes = np.array([v for v, _ in each]), np.array([g for _, g in each])
    if acquisition.in_log:
        np.testing.assert_allclose(value, np.log(np.exp(values).mean(axis=0)), rtol=1e-9)
        shares = np.exp(values) / np.exp(values).sum(axis=0)
        np.testing.assert_allclose(gradient, (shares[..., None] * slopes).sum(axis=0), rtol=1e-8)
    else:
        np.testing.assert_allclose(value, values.mean(axis=0), rtol=1e-9)
        np.testing.assert_allclose(gradient, slopes.mean(axis=0), rtol=1e-8, atol=1e-12)


def _fake(good: list[bool], seen: list[Any]) -> Any:
    """A sampler whose chains agree or not, as told for each try."""

    def sample(target: Any, starts: Any, scale: Any, settings: Any, rng: Any) -> Chains:
        seen.append(settings)
        q = starts[0] + 0.1 * rng.standard_normal((2, 100, target.size))
        q[1] += 0.0 if good[len(seen) - 1] else 0.13
        flags = np.zeros((2, 100), dtype=bool)
        return Chains(q, flags, flags, np.ones((2, 100), dtype=np.int64), np.zeros((2, 100)))

    return sample


def _with(monkeypatch: pytest.MonkeyPatch, sampler: Any) -> FullBayesGP:
    monkeypatch.setattr(room, "_SAMPLERS", {"pymc": sampler, "nutpie": sampler})
    return FullBayesGP(sampler="pymc")


def test_good_chains_are_not_retried(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    seen: list[Any] = []
    fitted = fit(_with(monkeypatch, _fake([True], seen)), observations(12))
    assert len(seen) == 1
    assert fitted.diagnostics["refits"][0]["verdict"] == "good"
    assert not [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert len(fitted.posterior.components) == 16


def test_a_bad_chain_is_retried_once_with_smaller_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Any] = []
    fitted = fit(_with(monkeypatch, _fake([False, True], seen)), observations(12))
    assert len(seen) == 2
    assert seen[1].target_accept > seen[0].target_accept
    assert seen[1].tune > seen[0].tune
    assert fitted.diagnostics["refits"][0]["tries"] == 2
    assert fitted.diagnostics["refits"][0]["verdict"] == "good"


def test_what_stays_bad_is_used_with_a_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    seen: list[Any] = []
    fitted = fit(_with(monkeypatch, _fake([False, False], seen)), observations(12))
    assert len(seen) == 2
    assert fitted.diagnostics["refits"][0]["verdict"] == "doubtful"
    assert "not to be trusted" in fitted.diagnostics["verdict"]
    warned = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert len(warned) == 1
    assert "R-hat" in warned[0]
    assert len(fitted.posterior.components) == 16


def test_without_chains_map_takes_over_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def broken(*_: Any) -> Chains:
        raise SamplingFailed("no point with a density was found")

    data = observations(12)
    fitted = fit(_with(monkeypatch, broken), data)
    assert fitted.diagnostics["refits"][0]["verdict"] == "failed"
    assert "MAP" in fitted.diagnostics["verdict"]
    assert any("MAP" in r.getMessage() for r in caplog.records)
    expected = MapGP().fit(COLUMNS, data, state=None, rng=np.random.default_rng(3))
    np.testing.assert_allclose(
        fitted.posterior.mean_var(some_coords())[0],
        expected.posterior.mean_var(some_coords())[0],
        rtol=1e-9,
    )
    json.dumps(dict(fitted.state), allow_nan=False)


def test_a_warm_start_begins_where_the_chains_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    starts: list[np.ndarray] = []

    def spy(target: Any, at: Any, scale: Any, settings: Any, rng: Any) -> Chains:
        starts.append(at)
        return sample_pymc(target, at, scale, settings, rng)

    monkeypatch.setattr(room, "_SAMPLERS", {"pymc": spy, "nutpie": spy})
    surrogate, data = quick(), observations(13)
    old = fit(surrogate, first(data, 12))
    fit(surrogate, data, old.state)
    np.testing.assert_array_equal(starts[-1], old.state["warm"]["starts"])


def test_known_noise_is_not_sampled() -> None:
    surrogate = quick()
    fit(surrogate, observations(10, deterministic=True))
    assert "noise" not in surrogate.posterior.posterior
    data = observations(10)
    measured = Observations(data.coords, data.values, np.full(10, 0.05))
    fitted = fit(surrogate, measured)
    assert "noise" not in surrogate.posterior.posterior
    assert fitted.diagnostics["noise_sd"] < 0.01


def test_posterior_is_what_arviz_takes() -> None:
    surrogate = quick()
    with pytest.raises(ValueError, match="sampled nothing yet"):
        surrogate.posterior  # noqa: B018
    with pytest.raises(ValueError, match="not fitted yet"):
        surrogate.last_fit  # noqa: B018
    fitted = fit(surrogate, observations(10))
    posterior = surrogate.posterior.posterior
    assert posterior["lengthscale"].dims == ("chain", "draw", "parameter")
    # what the diagnostics say is of all draws, not of the few that the mixture keeps
    logs = np.log(posterior["lengthscale"].values.reshape(-1, 2))
    said = fitted.diagnostics
    assert said["draws"] == 6
    np.testing.assert_allclose(said["lengthscales"], np.exp(np.median(logs, axis=0)))
    ranges = np.exp(np.quantile(logs, [0.05, 0.95], axis=0)).T
    np.testing.assert_allclose(said["lengthscale_ranges"], ranges)
    assert list(posterior["lengthscale"].coords["parameter"].values) == ["a", "b"]
    assert list(posterior["category_weight"].coords["category"].values) == ["k"]
    assert posterior["lengthscale"].shape == (2, 20, 2)
    assert surrogate.last_fit is fitted


@pytest.mark.parametrize("priors", [bo.SaasPriors(), bo.Priors()], ids=["saas", "lognormal"])
def test_description_makes_the_same_surrogate_again(priors: Any) -> None:
    from bayesopt.optimizer import config_codec

    surrogate = FullBayesGP(
        priors=priors, draws=77, refit_every=3, thresholds=ConvergenceThresholds(ess=50.0)
    )
    text = config_codec.write({"surrogate": surrogate})["surrogate"]
    ast.parse(text, mode="eval")
    assert config_codec.read("surrogate", text) == surrogate


def test_wrong_options_are_refused_by_name() -> None:
    for options, name in (
        ({"draws": 1}, "draws"),
        ({"chains": 1}, "chains"),
        ({"keep": 0}, "keep"),
        ({"refit_every": 0}, "refit_every"),
        ({"begin": -1}, "begin"),
        ({"begin": True}, "begin"),
        ({"sampler": "hmc"}, "sampler"),
        ({"kernel": "matern"}, "kernel"),
        ({"transforms": ("cube",)}, "transform"),
    ):
        with pytest.raises((TypeError, ValueError), match=name):
            FullBayesGP(**options)
    with pytest.raises(TypeError, match="priors must be"):
        FullBayesGP(priors="saas")  # type: ignore[arg-type]


def test_nutpie_asked_for_but_missing_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "has_nutpie", lambda: False)
    with pytest.raises(ImportError, match=r"bayesopt-engine\[nutpie\]"):
        FullBayesGP(sampler="nutpie")
    assert FullBayesGP()._sampler() is sample_pymc


def _whole_run(seed: int, storage: Any = None) -> bo.Optimizer:
    space = bo.Space(
        x=bo.Float(0, 1), k=bo.Categorical(["p", "q"]), w=bo.Int(1, 5, when={"k": "p"})
    )
    short = quick(draws=8, tune=12, keep=3)
    return bo.Optimizer(space, seed=seed, surrogate=short, storage=storage)


def _result(params: Mapping[str, Any]) -> dict[str, Any]:
    value = (params["x"] - 0.4) ** 2 + 0.1 * params.get("w", 2)
    return {"value": value, "constraints": {"c": 0.2 - params["x"]}}


def test_a_whole_run_with_constraints_batches_and_reload(tmp_path: Any) -> None:
    """The mixed space's whole machinery; a reloaded run asks what the undisturbed one asks."""
    one, other = _whole_run(1), _whole_run(1, tmp_path / "run.db")
    for i in range(9):
        if i == 7:
            other.close()
            other = _whole_run(1, tmp_path / "run.db")
        a, b = one.ask(), other.ask()
        assert a.params == b.params
        one.tell(a, _result(a.params))
        other.tell(b, _result(b.params))
    batch = one.ask_batch(2)
    assert batch[0].params != batch[1].params
    diagnostics = one.result().diagnostics["surrogate"]
    assert diagnostics["refits"][-1]["n"] == 9
    json.dumps(diagnostics, allow_nan=False)
    assert np.isfinite(one.predict({"x": 0.3, "k": "q"}).mean).all()


def test_nothing_is_printed_or_warned(capfd: Any) -> None:
    fit(quick(), observations(10))  # warnings are errors here
    out = capfd.readouterr()
    assert (out.out, out.err) == ("", "")


def test_importing_the_package_does_not_load_pymc() -> None:
    code = (
        "import sys, bayesopt as bo; bo.FullBayesGP(); "
        "print([m for m in ('pymc', 'pytensor', 'arviz', 'nutpie') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_quick_fit_is_without_chains() -> None:
    priors = bo.Priors(noise=bo.Priors().noise)
    quick = FullBayesGP(kernel="rbf", priors=priors).quick()
    assert quick == MapGP(kernel="rbf", priors=priors, short_scale=False).quick()

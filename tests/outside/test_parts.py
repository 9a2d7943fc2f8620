"""One class from outside the package of each kind: it keeps the shipped laws, and runs use it."""

import json
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesRegressor

import bayesopt as bo
from bayesopt.acquisition import Acquisition
from bayesopt.space import UnknownParameterType
from bayesopt.strategy import Measured, Objective, OutcomeConstraint
from bayesopt.surrogate import (
    EnsembleComponent,
    Fitted,
    OutputTransform,
    Posterior,
    Surrogate,
)
from bayesopt.testing import AcquisitionLaws, CovarianceLaws, ParameterLaws, SurrogateLaws

# ---- a covariance -------------------------------------------------------------------------------


class Periodic(bo.CovarianceTerm):
    hyperparameters = (
        bo.Hyperparameter("period", bo.NormalInLog(0.4, 0.3, 0.1, 2.0)),
        bo.Hyperparameter("smoothness", bo.NormalInLog(1.0, 0.5, 0.1, 10.0)),
    )

    def value(self, x, y, period, smoothness):
        s = np.sin(np.pi * (x - y) / period) / smoothness
        return np.exp(-2.0 * (s * s).sum(axis=-1))


class TestPeriodic(CovarianceLaws):
    def covariance(self):
        return Periodic()


class TestPeriodicInATree(CovarianceLaws):
    def covariance(self):
        return Periodic().on("a") * bo.Radial() * bo.Categories() + bo.ShortScale()


# ---- an acquisition -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Optimism(Acquisition):
    """The mean less a multiple of the standard deviation."""

    in_log = False
    beta: float = 2.0

    def score(self, mean, var, best):
        return self.beta * np.sqrt(var) - mean.mean(axis=1)

    def score_slopes(self, mean, var, best):
        d_mean = np.full(mean.shape, -1.0 / mean.shape[1])
        d_var = 0.5 * self.beta / np.sqrt(np.maximum(var, 1e-12))
        return self.score(mean, var, best), d_mean, d_var


class TestOptimism(AcquisitionLaws):
    def acquisition(self):
        return Optimism()


# ---- a surrogate --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Forest(Surrogate):
    """Extremely randomised trees (Geurts et al. 2006); their spread is the uncertainty."""

    trees: int = 20

    def fit(self, columns, data, *, state, rng, previous=None):
        transform = OutputTransform.standard(data.values)
        X, z = np.nan_to_num(data.coords, nan=-1.0), transform.forward(data.values)
        least = 1 if data.noise_is_known else 3
        seed = int(rng.integers(2**31))
        forest = ExtraTreesRegressor(self.trees, min_samples_leaf=least, random_state=seed)
        forest.fit(X, z)

        def members(coords):
            points = np.nan_to_num(coords, nan=-1.0)
            return np.array([tree.predict(points) for tree in forest.estimators_])

        noise = max(float(np.mean((forest.predict(X) - z) ** 2)), 1e-6)
        component = EnsembleComponent(members, noise)
        return Fitted(Posterior.single(component), transform, state={})


class TestForest(SurrogateLaws):
    def surrogate(self):
        return Forest()


# ---- an output's role ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Target(Objective):
    """To be brought near a value."""

    wanted: float = 0.0

    def oriented(self, values):
        return np.abs(values - self.wanted)


@dataclass(frozen=True)
class Band(OutcomeConstraint):
    """To be kept within a distance of the limit."""

    width: float = 1.0

    def oriented(self, values):
        return np.abs(values - self.limit) - self.width


def test_propose_understands_it():
    space = bo.Space(x=bo.Float(0, 1), y=bo.Float(0, 1))
    points = []
    for number in range(24):
        x, y = np.array(points).reshape(-1, 2).T
        ph = Measured(Target("ph", wanted=7.0), 4.0 + 5.0 * x)
        heat = Measured(Band("heat", limit=0.2, width=0.1), y**2)
        data = bo.RunData.of(space, np.column_stack([x, y]), [ph, heat], deterministic=True)
        points.append(bo.propose(data, bo.ProposalConfig(0), number=number).coords)
    x, y = np.array(points).T
    met = np.abs(y**2 - 0.2) <= 0.1
    assert met[12:].sum() > met[:8].sum()
    assert np.abs(4.0 + 5.0 * x - 7.0)[met].min() < 0.1


# ---- all of them --------------------------------------------------------------------------------


def bowl(p):
    return (p["x"] - 0.7) ** 2 + {"a": 0.3, "b": 0.0}[p["kind"]]


@pytest.mark.parametrize(
    "part",
    [
        {"surrogate": bo.MapGP(kernel=Periodic() * bo.Radial() * bo.Categories())},
        {"acquisition": Optimism()},
        {"surrogate": Forest()},
        {"surrogate": Forest(), "acquisition": Optimism(1.0)},
    ],
    ids=["covariance", "acquisition", "surrogate", "both"],
)
def test_runs_use_it(part, tmp_path):
    space = {"x": bo.Float(0, 1), "kind": bo.Categorical(["a", "b"])}
    file = tmp_path / "run.db"
    options = {"seed": 0, "progress": False, "storage": file, **part}
    result = bo.minimize(bowl, space, n_trials=10, **options)
    result = bo.minimize(bowl, space, n_trials=16, **options)  # continues
    assert len(result.trials) == 16
    assert any(trial.origin is bo.Origin.MODEL for trial in result.trials)
    assert result.best.value < 0.05
    assert (
        bo.minimize(bowl, space, seed=0, n_trials=16, progress=False, **part).best == result.best
    )
    opt = bo.Optimizer.reopen(file)
    with pytest.raises(ValueError, match=r"reopen\(file, "):
        opt.ask()
    opt.close()


def test_members_of_another_shape_are_refused():
    component = EnsembleComponent(lambda points: np.zeros(len(points)), 1e-6)
    with pytest.raises(ValueError, match=r"an array \(T, 3\) with T >= 2 .* the shape \(3,\)"):
        component.predict(np.zeros((3, 1)))


def test_an_ensemble_is_the_process_of_its_draws():
    """With as many members as that, it is the Gaussian process they are drawn from."""
    rng = np.random.default_rng(0)
    points = np.linspace(0, 1, 5)[:, None]
    K = np.exp(-0.5 * ((points - points.T) / 0.4) ** 2)
    draws = rng.multivariate_normal(np.zeros(5), K, size=200_000)
    component = EnsembleComponent(lambda x: draws[:, np.searchsorted(points[:, 0], x[:, 0])], 0.1)
    after = component.condition(points[1:2], np.array([[1.0]]), np.array([0.1]))
    after = after.condition(points[3:4], np.array([[-1.0]]), np.array([0.1]))
    known = [1, 3]
    gain = np.linalg.solve(K[np.ix_(known, known)] + 0.1 * np.eye(2), K[known]).T
    mean, covariance = after.joint(points)
    np.testing.assert_allclose(mean[:, 0], gain @ [1.0, -1.0], atol=0.02)
    np.testing.assert_allclose(covariance, K - gain @ K[known], atol=0.02)


# ---- a parameter --------------------------------------------------------------------------------


class Probability(bo.ContinuousParameter):
    """On the scale of the logit."""

    def forward(self, values):
        return np.log(values) - np.log1p(-values)

    def inverse(self, warped):
        return 1.0 / (1.0 + np.exp(-warped))


@dataclass(frozen=True, eq=False, repr=False)
class Power(bo.ContinuousParameter):
    """On the scale of a power: a class with a field of its own."""

    exponent: float = 2.0

    def forward(self, values):
        return values**self.exponent

    def inverse(self, warped):
        return warped ** (1.0 / self.exponent)


class TestProbability(ParameterLaws):
    def parameter(self):
        return Probability(1e-6, 1.0 - 1e-6)


class TestNearOne(ParameterLaws):
    """Where neighbouring floats are further apart on the scale than points may be."""

    def parameter(self):
        return Probability(0.5, 1.0 - 1e-12, default=0.9)


class TestPower(ParameterLaws):
    def parameter(self):
        return Power(0.0, 3.0, exponent=3.0)


def test_a_run_finds_a_small_probability():
    def loss(p):
        return (np.log10(p["rate"]) + 4.0) ** 2 + p["y"] ** 2

    space = {"rate": Probability(1e-7, 0.5), "y": bo.Float(-1, 1)}
    result = bo.minimize(loss, space, n_trials=25, seed=0, progress=False)
    assert result.best.value < 0.05


def test_a_stored_run_knows_its_class_by_text(tmp_path):
    file = tmp_path / "run.db"
    space = bo.Space(rate=Probability(0.01, 0.99), gain=Power(1, 2, exponent=0.5))
    opt = bo.Optimizer(space, seed=0, storage=file)
    opt.tell(opt.ask(), 1.0)
    opt.close()
    opt = bo.Optimizer.reopen(file)  # this program has the class
    assert opt.space == space
    opt.close()
    program = f"import bayesopt as bo; bo.Optimizer.reopen({str(file)!r})"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert "nothing is imported because a file names it" in done.stderr
    assert f"from {__name__} import Probability" in done.stderr
    assert "Optimizer(space, storage=...)" in done.stderr


def test_a_document_imports_nothing(tmp_path, monkeypatch):
    (tmp_path / "trap.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    for path in ("trap:Own", "trap.inner:Own", "bayesopt.space:Space", ":", "os:system"):
        document = {"parameters": [{"name": "x", "type": path, "low": 0, "high": 1}]}
        with pytest.raises(UnknownParameterType, match="nothing is imported"):
            bo.Space.from_json(json.loads(json.dumps(document)))
    assert "trap" not in sys.modules


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: Probability(0.0, 0.5), "forward must be finite at both bounds"),
        (lambda: Probability(0.5, 0.5), "low must be below high"),
        (lambda: Probability(0.9, 0.5), "low must be below high"),
        (lambda: Power(-2.0, 1.0), "forward must increase"),
        (lambda: Probability(0.1, 0.5, default=0.7), r"expected a value in \[0.1, 0.5\]; got 0.7"),
        (lambda: Probability("a", 0.5), "low"),
    ],
)
def test_bounds_that_make_no_scale_are_refused(make, what):
    with pytest.raises((TypeError, ValueError), match=what):
        make()


def test_a_known_result_off_the_scale_is_refused():
    space = bo.Space(rate=Probability(0.1, 0.5))
    opt = bo.Optimizer(space, seed=0)
    opt.add_observation({"rate": 0.7}, 1.0, outside=True)
    with pytest.raises(ValueError, match=r"rate.*1\.5 is not on the scale"):
        opt.add_observation({"rate": 1.5}, 1.0, outside=True)

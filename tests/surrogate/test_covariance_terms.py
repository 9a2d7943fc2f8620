"""The terms of the package, trees of them, and terms from outside keep every law."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from numba import njit

import bayesopt as bo
from bayesopt.surrogate import Columns, Observations
from bayesopt.surrogate.covariance import as_covariance, bind
from bayesopt.surrogate.covariance.factors import CompiledFactor
from bayesopt.surrogate.features import Circle
from bayesopt.testing.covariances import CovarianceLaws
from bayesopt.testing.spaces import MIXED, numeric

Radial, Categories, ShortScale = bo.Radial, bo.Categories, bo.ShortScale


class Periodic(bo.CovarianceTerm):
    hyperparameters = (
        bo.Hyperparameter("period", bo.NormalInLog(0.4, 0.3, 0.1, 2.0)),
        bo.Hyperparameter("smoothness", bo.NormalInLog(1.0, 0.5, 0.1, 10.0)),
    )

    def value(self, x, y, period, smoothness):
        s = np.sin(np.pi * (x - y) / period) / smoothness
        return np.exp(-2.0 * (s * s).sum(axis=-1))


class PeriodicWithSlopes(Periodic):
    """The same with all derivatives given."""

    def slopes(self, x, y, period, smoothness):
        k = self.value(x, y, period, smoothness)[..., None]
        return -2.0 * np.pi / period / smoothness**2 * np.sin(2 * np.pi * (x - y) / period) * k

    def gradients(self, x, y, period, smoothness):
        k, u = self.value(x, y, period, smoothness), np.pi * (x - y) / period
        return {
            "period": 2.0 / period / smoothness**2 * (u * np.sin(2 * u)).sum(axis=-1) * k,
            "smoothness": 4.0 / smoothness**3 * (np.sin(u) ** 2).sum(axis=-1) * k,
        }


@njit
def periodic(x, y, theta):
    total = 0.0
    for j in range(len(x)):
        total += (math.sin(math.pi * (x[j] - y[j]) / theta[0]) / theta[1]) ** 2
    return math.exp(-2.0 * total)


class CompiledPeriodic(bo.CovarianceTerm):
    hyperparameters = Periodic.hyperparameters
    pair = staticmethod(periodic)


@dataclass(frozen=True)
class Polynomial(bo.CovarianceTerm):
    """Not stationary, one weight per parameter, with arguments."""

    degree: int = 2

    def named(self):
        prior = bo.NormalInLog(0.5, 0.5, 0.01, 10.0)
        return (bo.Hyperparameter("weight", prior, per="numeric"),)

    def value(self, x, y, weight):
        return (0.5 + (weight * x * y).sum(axis=-1)) ** self.degree

    def gradients(self, x, y, weight):
        inner = (0.5 + (weight * x * y).sum(axis=-1))[..., None]
        return {"weight": self.degree * inner ** (self.degree - 1) * x * y}


class Nearness(bo.CovarianceTerm):
    """Of category codes as if they were places on a line."""

    reads = "categorical"
    hyperparameters = (
        bo.Hyperparameter("rate", bo.NormalInLog(0.5, 0.5, 0.01, 10.0), per="categorical"),
    )

    def value(self, x, y, rate):
        return np.exp(-(rate * np.abs(x - y)).sum(axis=-1))


TREES = {
    "default": lambda: as_covariance("matern52"),
    "short-scale": lambda: Radial("matern32") * Categories() + ShortScale(),
    "smooth": lambda: Radial("rbf"),
    "labels": Categories,
    "labels first": lambda: Categories() * Radial("matern32"),
    "short-scale alone": ShortScale,
    "additive": lambda: Radial("matern52") * Categories() + bo.Additive(),
    "additive on some": lambda: Radial() * Categories() + bo.Additive("rbf").on("a"),
    "product": lambda: Radial("matern52") * Categories() * Radial("rbf"),
    "periodic": Periodic,
    "all given": PeriodicWithSlopes,
    "compiled": CompiledPeriodic,
    "own, times and plus": lambda: Periodic() * Radial() * Categories() + PeriodicWithSlopes(),
    "nested sum that could lead": lambda: (Radial() * Categories() + ShortScale()) * Periodic(),
    "nested sum": lambda: (Radial() + Periodic()) * Categories(),
    "some parameters": lambda: (
        Periodic().on("a") * Radial("rbf").without("a", "k") * Categories().on("k")
    ),
    "compiled on some": lambda: (
        CompiledPeriodic().on("b") + (Radial() * Categories()).on("c", "m")
    ),
    "sum on some": lambda: (Radial("matern32") + Nearness()).without("b"),
    "not stationary": Polynomial,
    "not stationary, in a product": lambda: Polynomial(3) * Categories() + Radial(),
    "own labels": lambda: Radial() * Nearness(),
}  # fmt: skip


def _laws(name, tree):
    return type(
        f"Test{name.title().replace(' ', '').replace(',', '').replace('-', '')}",
        (CovarianceLaws,),
        {"covariance": lambda _self: tree()},
    )


for _name, _tree in TREES.items():
    _class = _laws(_name, _tree)
    globals()[_class.__name__] = _class


class TestMatern12(CovarianceLaws):
    smooth = False

    def covariance(self):
        return as_covariance("matern12")


class TestNumericColumnsAlone(CovarianceLaws):
    def columns(self):
        return Columns(np.zeros(2, dtype=bool), np.zeros(2, dtype=bool), ("a", "b"))

    def covariance(self):
        return Radial() * Categories() * Periodic().on("a") + ShortScale()


class TestCircles(CovarianceLaws):
    """A numeric parameter and a conditional one whose ends are the same."""

    def columns(self):
        usual = super().columns()
        circles = (Circle(), None, Circle(), None, None)
        return Columns(usual.categorical, usual.conditional, usual.names, circles)

    def covariance(self):
        return Radial("matern32") * Categories() + Periodic().on("a") + ShortScale()


# ---- a covariance from outside ------------------------------------------------------------------


COLUMNS = Columns(np.array([False, False, True]), np.zeros(3, dtype=bool), ("day", "dose", "kind"))
YEARLY = Periodic().on("day") * Radial().on("dose") * Categories()


def yearly(X):
    """Over COLUMNS; three years of days."""
    return np.cos(6 * np.pi * X[:, 0]) + (X[:, 1] - 0.3) ** 2 + 0.2 * X[:, 2]


def two_years(n, seed):
    rng = np.random.default_rng(seed)
    return np.column_stack([2 / 3 * rng.random(n), rng.random(n), rng.integers(0, 2, n)])


@pytest.mark.parametrize("periodic", [Periodic(), CompiledPeriodic()])
def test_a_covariance_of_ones_own_fits_and_predicts(periodic):
    """Two years of data say what the third is like, which no function of the distance can."""
    X = two_years(40, 0)
    data = Observations(X, yearly(X), np.full(40, np.nan))
    later = two_years(30, 1) + np.array([1 / 3, 0.0, 0.0])
    errors = {}
    kernel = periodic.on("day") * Radial().on("dose") * Categories()
    for name, tree in (("own", kernel), ("usual", "matern52")):
        gp = bo.MapGP(kernel=tree, transforms=("identity",))
        fitted = gp.fit(COLUMNS, data, state=None, rng=np.random.default_rng(0))
        again = gp.fit(COLUMNS, data, state=fitted.state, rng=np.random.default_rng(1))
        assert again.state == fitted.state
        mean = fitted.transform.inverse(fitted.posterior.mean_var(later)[0])
        errors[name] = np.abs(mean - yearly(later)).max()
        if name == "own":
            assert fitted.diagnostics["period"] == pytest.approx(1 / 3, rel=0.05)
    assert errors["own"] < 0.3
    assert errors["usual"] > 0.6


@pytest.mark.parametrize("transforms", [("identity",), ("identity", "log", "yeo-johnson")])
def test_a_covariance_of_ones_own_proposes(transforms, tmp_path):
    space = {"day": bo.Float(0, 3), "dose": bo.Float(0, 1), "kind": bo.Categorical(["a", "b"])}
    surrogate = bo.MapGP(kernel=YEARLY, transforms=transforms)
    trials = []
    for storage in (None, tmp_path / "run.db"):
        opt = bo.Optimizer(space, seed=3, surrogate=surrogate, storage=storage)
        for _ in range(9):
            if storage is not None:  # a run continued after each trial is the same
                opt.close()
                opt = bo.Optimizer(space, surrogate=surrogate, storage=storage)
            trial = opt.ask()
            x = [trial.params["day"] / 3, trial.params["dose"], trial.params["kind"] == "b"]
            opt.tell(trial, float(yearly(np.array([x], dtype=float))[0]))
        assert {"period", "smoothness"} <= set(opt.result().diagnostics["surrogate"])
        trials.append([t.params for t in opt.trials])
        opt.close()
    assert trials[0] == trials[1]


def test_trees_print_as_what_a_stored_run_can_be_made_from():
    from bayesopt.optimizer import config_codec

    tree = Radial("rbf", bo.NormalInLog(0.3, 1.0, 0.01, 9.0)).without("k") * Categories()
    gp = bo.MapGP(kernel=tree + ShortScale())
    assert config_codec.read("surrogate", repr(gp)) == gp
    with pytest.raises(ValueError, match="Periodic"):
        config_codec.read("surrogate", repr(bo.MapGP(kernel=Periodic())))


def test_descriptions_of_the_first_version_are_read():
    from bayesopt.optimizer import config_codec

    prior = "NormalInLog(center=0.05, sd=2.0, low=1e-06, high=10.0)"
    text = (
        f"MapGP(kernel='rbf', priors=Priors(ripple_variance={prior}), bend_penalty=2.0, "
        "n_starts=3, ripple=False)"
    )
    expected = bo.MapGP(kernel="rbf", warp_penalty=2.0, short_scale=False)
    assert config_codec.read("surrogate", text) == expected


# ---- composition ----------------------------------------------------------------------------


def test_the_default_tree_is_compiled_as_one():
    bound = bind("matern52", MIXED)
    assert bound.leader is not None
    assert [len(s.factors) for s in bound.summands] == [1]
    bound = bind(Categories() * Radial() + ShortScale(), MIXED)
    assert all(isinstance(f, CompiledFactor) for s in bound.summands for f in s.factors)


def test_hyperparameters_have_names_and_places():
    bound = bind(Radial() * Categories() + Radial("rbf") + ShortScale(), MIXED)
    assert {name: (s.start, s.stop) for name, s in bound.vector.where.items()} == {
        "outputscale": (0, 1), "noise": (1, 2), "lengthscale": (2, 4), "category_weight": (4, 6),
        "outputscale_2": (6, 7), "lengthscale_2": (7, 9),
        "short_variance": (9, 10), "short_lengthscale": (10, 11),
    }  # fmt: skip


def test_a_term_without_a_prior_says_what_to_write():
    class Bare(bo.CovarianceTerm):
        hyperparameters = (bo.Hyperparameter("width"),)

        def value(self, x, y, width):
            return np.exp(-(((x - y) / width) ** 2).sum(axis=-1))

    with pytest.raises(ValueError, match=r"'width' needs a prior: write Hyperparameter\('width'"):
        bind(Bare(), numeric(2)).vector.prior(bo.Priors(), deterministic=False)


def test_what_is_no_covariance_is_refused():
    with pytest.raises(ValueError, match="matern52"):
        bo.MapGP(kernel="matern")
    with pytest.raises(TypeError, match=r"write Radial\(\), an instance"):
        bo.MapGP(kernel=Radial)
    with pytest.raises(TypeError):
        Radial() * 2.0
    with pytest.raises(ValueError, match="identifier"):
        bo.Hyperparameter("two words")
    with pytest.raises(ValueError, match="hours, which the space does not have; it has day"):
        bind(Radial().on("hours"), Columns(np.zeros(1, bool), np.zeros(1, bool), ("day",)))
    with pytest.raises(TypeError, match="needs their names"):
        Radial().on()
    with pytest.raises(NotImplementedError, match="Formless needs a formula"):
        type("Formless", (bo.CovarianceTerm,), {})().value()


def test_parameters_that_no_term_reads_are_told(caplog):
    columns = Columns(np.array([False, True]), np.zeros(2, dtype=bool), ("x", "kind"))
    bind(Radial(), columns)
    assert "kind" in caplog.text
    caplog.clear()
    bind(as_covariance("rbf"), columns)
    assert caplog.text == ""

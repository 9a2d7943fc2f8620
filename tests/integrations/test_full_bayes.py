"""The full-Bayesian surrogate handed to the plug-ins."""

from __future__ import annotations

from typing import Any

import pytest

import bayesopt as bo

pytest.importorskip("pymc", reason="PyMC is not installed: pip install '.[bayes]'")

# what PyMC and its companions warn of while they are imported is not this project's
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many observations each fit of the surrogate was given."""
    seen: list[int] = []
    fit = bo.FullBayesGP.fit

    def counted(self: bo.FullBayesGP, columns: Any, data: Any, **more: Any) -> Any:
        seen.append(len(data.values))
        return fit(self, columns, data, **more)

    monkeypatch.setattr(bo.FullBayesGP, "fit", counted)
    return seen


def surrogate() -> bo.FullBayesGP:
    return bo.FullBayesGP(draws=16, tune=24, keep=4, refit_every=4, sampler="pymc")


def test_in_optunas_sampler(fits: list[int]) -> None:
    optuna = pytest.importorskip("optuna")
    from bayesopt.integrations.optuna import BayesOptSampler

    def objective(trial: Any) -> float:
        x = trial.suggest_float("x", -1, 1)
        return float((x - 0.3) ** 2 + (trial.suggest_categorical("kind", ["a", "b"]) == "b"))

    sampler = BayesOptSampler(seed=0, n_startup_trials=5, surrogate=surrogate())
    study = optuna.create_study(sampler=sampler)
    study.optimize(objective, n_trials=9)
    assert fits
    assert min(fits) >= 5
    assert len(study.trials) == 9
    assert study.best_value < min(t.value for t in study.trials[:5])


def test_in_scikit_learns_search(fits: list[int]) -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    from sklearn.linear_model import Ridge

    from bayesopt.integrations.sklearn import BayesSearchCV

    X, y = datasets.load_diabetes(return_X_y=True)
    search = BayesSearchCV(
        Ridge(), {"alpha": (1e-4, 1e4, "log-uniform")}, n_iter=9, cv=3, random_state=0,
        optimizer_kwargs={"surrogate": surrogate(), "n_initial_points": 5},
    )  # fmt: skip
    search.fit(X, y)
    assert fits
    assert min(fits) >= 5
    scores = search.cv_results_["mean_test_score"]
    assert len(scores) == 9
    assert max(scores[5:]) > max(scores[:5]) - 0.01  # of about 0.45; a wrong direction ends near 0

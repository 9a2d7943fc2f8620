"""Without the extra."""

import importlib.util
import subprocess
import sys
from typing import Any

import pytest

import bayesopt as bo
from bayesopt.surrogate.full_bayes import extra


def test_asking_for_it_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec

    def without(name: str, package: Any = None) -> Any:
        return None if name in ("pymc", "arviz") else found(name, package)

    monkeypatch.setattr(extra, "find_spec", without)
    with pytest.raises(ImportError, match=r"pip install 'bayesopt-engine\[bayes\]'"):
        bo.FullBayesGP()


def test_priors_are_there_without_it() -> None:
    assert bo.SaasPriors(tau=0.05).tau == 0.05
    assert bo.OwnPriors(lambda parameters, categories: {}) is not None


def test_the_name_alone_loads_nothing_heavy() -> None:
    code = "import bayesopt as bo, sys; bo.FullBayesGP; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "bayesopt.surrogate.full_bayes" in loaded
    assert not {"pymc", "arviz", "pytensor", "nutpie"} & set(loaded)

"""One class from outside the package of each kind: it keeps the shipped laws, and runs use it."""

import json
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest

import bayesopt as bo
from bayesopt.space import UnknownParameterType
from bayesopt.testing import ParameterLaws

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

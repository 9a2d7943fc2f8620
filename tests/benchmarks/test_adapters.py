"""Every rival against a fake problem: right types, whole budget, refusals not guesses."""

import fake_problem
import pytest

from benchmarks.execute import execute
from benchmarks.rivals import METHODS
from benchmarks.rivals.process import adapter, environments_folder, find_python
from benchmarks.store import TIMES, Key

BUDGET = 12
_BOTH = {
    "random",
    "grid",
    "sobol",
    "bayesopt",
    "bayesopt-full",
    "bayesopt-optuna",
    "optuna-tpe",
    "optuna-gp",
}
CONDITIONAL_BY_NATURE = _BOTH | {"smac", "hyperopt"}
CONSTRAINED = _BOTH | {"ax", "botorch", "nevergrad"}


@pytest.fixture(params=sorted(METHODS))
def method(request):
    method = METHODS[request.param]
    try:
        find_python(method.environment, environments_folder(), imports=method.imports)
    except FileNotFoundError as why:
        pytest.skip(str(why))
    return request.param


def run(method, problem, *, seed=3, budget=BUDGET, batch=1):
    key = Key(method, "any", problem.name, seed, budget, batch)
    return execute(key, problem, environments_folder(), timeout=900, commit="none")


def without_times(records):
    return [{k: v for k, v in r.items() if k not in TIMES} for r in records]


def test_version_names_what_proposes(method):
    entry = METHODS[method]
    python = find_python(entry.environment, environments_folder(), imports=entry.imports)
    with adapter(entry.module, entry.argument, python) as process:
        assert process.request({"cmd": "version"})["version"]


def test_whole_budget_with_right_types_and_failures(method):
    """The runner itself checks each proposed point against the space and breaks off at a fault."""
    problem = fake_problem.Numbers() if method == "optuna-cma" else fake_problem.Fake()
    head, *rest = run(method, problem)
    assert head["status"] == "done", head["error"]
    evaluations = [r for r in rest if r["kind"] == "evaluation"]
    assert [e["n"] for e in evaluations] == list(range(1, BUDGET + 1))
    assert all((e["failed"] is None) == (e["params"]["depth"] != 9) for e in evaluations)


def test_conditions_are_native_or_declared_or_refused(method):
    head, *rest = run(method, fake_problem.Branching())
    if method in CONDITIONAL_BY_NATURE:
        assert (head["status"], head["approximations"]) in [
            ("done", []),
            ("done", ["logarithmic integers by rounding"]),
        ]
    elif method == "optuna-cma":
        assert (head["status"], rest) == ("unsupported", [])
    else:
        assert head["status"] == "done"
        assert any("inactive values dropped" in a for a in head["approximations"])


def test_constraints_are_used_or_refused(method):
    head, *rest = run(method, fake_problem.Limited())
    assert head["status"] == ("done" if method in CONSTRAINED else "unsupported"), head["error"]
    assert all(set(r["constraints"]) == {"shallow"} for r in rest if r["failed"] is None)


def test_seed_decides(method):
    problem = fake_problem.Numbers()
    first, again, other = (run(method, problem, seed=s) for s in (3, 3, 4))
    assert without_times(first) == without_times(again)
    assert [r["params"] for r in first[1:]] != [r["params"] for r in other[1:]]


@pytest.mark.parametrize("quick", ["random", "bayesopt"])
def test_batches(quick):
    head, *rest = run(quick, fake_problem.Fake(), budget=7, batch=3)
    assert head["status"] == "done"
    assert [r["n"] for r in rest] == list(range(1, 8))


def test_only_lower_is_better():
    """The same problem with the sign turned must be solved the other way round."""
    head, *rest = run("bayesopt", fake_problem.Numbers(), budget=20)
    values = [r["value"] for r in rest if r["failed"] is None]
    assert head["status"] == "done"
    assert sum(values[-8:]) / 8 < sum(values[:5]) / 5


def test_missing_environment_says_how_to_make_it(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"python -m benchmarks\.setup .* hebo"):
        find_python("hebo", tmp_path)


def test_a_rival_that_breaks_off_keeps_what_it_did(monkeypatch):
    class Outside(fake_problem.Numbers):
        """Pretends after four evaluations that the proposed point is no point of the space."""

        calls = 0

        def value(self, params):
            self.calls += 1
            if self.calls == 4:
                monkeypatch.setattr(type(self.space), "fault", lambda *_: "made up")
            return 0.0

    head, *rest = run("random", Outside())
    assert head["status"] == "crashed"
    assert "made up" in head["error"]
    assert len(rest) == 4

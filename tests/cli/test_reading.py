"""predict, best, check, and the table of what is not feasible."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

import bayesopt as bo
from tests.cli.test_amend import bayesopt

SPEC = """
[space.t]
type = "float"
low = 20
high = 120
[space.solvent]
type = "categorical"
choices = ["DMF", "MeCN"]
[space.base]
type = "int"
low = 1
high = 3
when = {solvent = "DMF"}
[outcome_constraints]
impurity = "<= 0.5"
[run]
direction = "maximize"
seed = 0
"""


def value(params):
    return 80 - 0.01 * (params["t"] - 70) ** 2 - 5 * (params["solvent"] == "MeCN")


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("spec.toml").write_text(SPEC)
    bayesopt("new", "spec.toml", "run.db")
    opt = bo.Optimizer.reopen("run.db")
    rng = np.random.default_rng(0)
    for n in range(14):
        params = {"t": 25.0 + 7 * n, "solvent": ["DMF", "MeCN"][n % 2]}
        params |= {"base": 1 + n % 3} if n % 2 == 0 else {}
        noise = rng.normal(0, 1.5)
        opt.add_observation(
            params, {"value": value(params) + noise, "impurity": 0.2 + params["t"] / 200}
        )
    opt.close()
    return "run.db"


def test_what_the_model_expects(file):
    words = ("--at", "t=60,solvent=DMF,base=2", "--json")
    (said,) = json.loads(bayesopt("predict", file, *words))["predictions"]
    point = {"t": 60.0, "solvent": "DMF", "base": 2}
    assert said["params"] == point
    opt = bo.Optimizer.reopen(file)
    found, limit = opt.predict(point), opt.predict(point, "impurity")
    assert (said["mean"], said["sd"]) == (found.mean[0], found.sd[0])
    assert said["interval"] == [found.quantile(0.05)[0], found.quantile(0.95)[0]]
    # the probability that the constraint is met, through the quantiles of its own prediction
    levels = np.linspace(1e-4, 1 - 1e-4, 4001)
    below = [limit.quantile(q)[0] <= 0.5 for q in levels]
    assert said["feasible"] == pytest.approx(np.mean(below), abs=2e-3)
    opt.close()
    text = bayesopt("predict", file, "--at", "t=60,solvent=DMF,base=2")
    assert "at t=60  solvent=DMF  base=2" in text
    assert "P(feasible)" in text


@pytest.mark.parametrize(("name", "n"), [("t", 11), ("solvent", 2), ("base", 3)])
def test_a_grid(file, name, n):
    rows = json.loads(bayesopt("predict", file, "--grid", name, "--json"))["predictions"]
    levels = [row["params"][name] for row in rows]
    assert len(levels) == n
    assert len({json.dumps(v) for v in levels}) == n
    for row in rows:
        assert ("base" in row["params"]) == (row["params"]["solvent"] == "DMF")
    assert name in bayesopt("predict", file, "--grid", name)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--at", "t=hot"), "--at t"),
        (("--at", "temperature=3"), "--at: unknown parameter 'temperature'"),
        (("--grid", "x"), "there is no parameter 'x'"),
        (("--grid", "t", "--at", "t=30"), "leave one of them out"),
        (("--output", "yield"), "yield"),
        (("--at", "t=500"), "t"),
    ],
)
def test_what_cannot_be_predicted(file, words, reason):
    assert reason in bayesopt("predict", file, *words, code=2)


def test_feasibility_counts_failures():
    opt = bo.Optimizer({"x": bo.Float(0, 1)}, seed=0, outcome_constraints={"c": "<= 0"})
    for x in np.linspace(0, 1, 9):
        told = float("nan") if x < 0.5 else {"value": x, "c": x - 0.8}
        opt.add_observation({"x": x}, told)
    low, middle, high = opt.feasibility([{"x": x} for x in (0.1, 0.7, 0.99)])
    assert low < middle
    assert high < middle
    model = opt._model()
    coords = opt.space.to_coords(np.array([opt.space.encode({"x": 0.7})]))
    fitted = model.constraints["c"]
    mean, var = fitted.posterior.mean_var(coords)
    limit = fitted.transform.forward(np.zeros(1))
    met = norm.cdf((limit - mean) / np.sqrt(var))
    wanted = met * np.exp(model.success.log_probability(coords))
    np.testing.assert_allclose(middle, wanted, rtol=1e-6)


def test_the_observed_beside_the_recommended(file):
    found = json.loads(bayesopt("best", file, "--json"))
    opt = bo.Optimizer.reopen(file)
    numbers = (opt.best.number, opt.recommended.number)
    opt.close()
    assert (found["observed"]["number"], found["recommended"]["number"]) == numbers
    text = bayesopt("best", file)
    assert "observed best" in text
    assert "use" in found["why"].lower()
    assert found["why"].split(".")[0] in " ".join(text.split())


def test_why_they_differ(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    opt = bo.Optimizer({"x": bo.Float(0, 1)}, seed=0, storage="run.db")
    for x in (0.0, 0.25, 0.75, 1.0):
        opt.add_observation({"x": x}, {"value": 5.0 + x, "sd": 0.2})
    for _ in range(6):
        opt.add_observation({"x": 0.5}, {"value": 1.0, "sd": 0.2})
    opt.add_observation({"x": 0.8}, {"value": 0.9, "sd": 5.0})  # lucky
    opt.close()
    found = json.loads(bayesopt("best", "run.db", "--json"))
    assert found["observed"]["number"] == 10
    assert found["recommended"]["number"] in range(4, 10)
    assert found["recommended"]["evaluations"] == 6
    assert "luck" in found["why"]


def test_nothing_to_read_yet(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("spec.toml").write_text(SPEC)
    bayesopt("new", "spec.toml", "run.db")
    assert "no trial has a feasible value yet" in bayesopt("best", "run.db", code=2)
    assert "nothing to predict from" in bayesopt(
        "predict", "run.db", "--at", "t=60,solvent=MeCN", code=2
    )


def test_what_is_not_feasible_is_listed(file):
    text = " ".join(bayesopt("show", file).split())
    assert "not feasible: " in text
    assert "impurity=" in text
    assert "(<= 0.5 is" in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SPEC, "spec.toml is in order: 3 parameters"),
        ("\ufeff" + SPEC, "spec.toml is in order"),
        (
            SPEC + '[objective]\ncommand = ["true", "{t}", "{solvent}", "{base}"]\n',
            "each point: true",
        ),
    ],
)
def test_checking_a_specification(tmp_path, monkeypatch, text, said):
    monkeypatch.chdir(tmp_path)
    Path("spec.toml").write_text(text, encoding="utf-8")
    assert said in bayesopt("check", "spec.toml")
    assert json.loads(bayesopt("check", "spec.toml", "--json"))["parameters"] == 3
    assert sorted(path.name for path in Path().iterdir()) == ["spec.toml"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SPEC.replace("low = 20", "low = 200"), "t: "),
        (SPEC + '[objective]\ncommand = ["no-such-program", "{t}"]\n', "no program"),
        (SPEC + '[objective]\ncommand = ["true", "{temperature}"]\n', "{temperature} is not"),
        (SPEC.replace("seed = 0", "sede = 0"), "did you mean 'seed'"),
        (SPEC + '[[constraints]]\nsum = ["t"]\nequals = 300\n', "spec.toml"),
    ],
)
def test_what_is_wrong_is_found(tmp_path, monkeypatch, text, said):
    monkeypatch.chdir(tmp_path)
    Path("spec.toml").write_text(text)
    assert said in bayesopt("check", "spec.toml", code=2)

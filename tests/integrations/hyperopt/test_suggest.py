"""Hyperopt's fmin with this package's algorithm: shipped domains, conditions, failures, misuse."""

import importlib
import importlib.metadata
import math
import pickle
import sys
import unittest
import warnings
from functools import partial

import numpy as np
import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it imports pkg_resources, which setuptools deprecates
    hyperopt = pytest.importorskip(
        "hyperopt", reason="Hyperopt is not installed: bayesopt-engine[hyperopt]"
    )
    from hyperopt.tests.unit import test_domains as domains

import bayesopt as bo
from bayesopt.integrations.hyperopt import suggest
from bayesopt.integrations.hyperopt.space import ExpressionLabels

hp = hyperopt.hp


def run(objective, space, n, *, algo=suggest, seed=0, trials=None, **options):
    trials = hyperopt.Trials() if trials is None else trials
    hyperopt.fmin(
        objective, space, algo=algo, max_evals=n, trials=trials, verbose=False,
        show_progressbar=False, rstate=np.random.default_rng(seed), **options,
    )  # fmt: skip
    return trials


def values(trials):
    return [{k: v[0] for k, v in doc["misc"]["vals"].items() if v} for doc in trials.trials]


class TestShippedDomains(unittest.TestCase, domains.CasePerDomain):
    """Each of Hyperopt's test domains, as its own algorithms are tested on them."""

    def work(self):
        trials = run(lambda x: x, self.bandit.expr, 12)
        assert len(trials) == 12
        assert all(doc["state"] == hyperopt.JOB_STATE_DONE for doc in trials.trials)
        assert all(math.isfinite(loss) for loss in trials.losses())


@pytest.mark.parametrize(
    ("make", "n", "best"),
    [
        (domains.quadratic1, 15, 1e-3),
        (domains.q1_choice, 25, 1e-2),
        (domains.q1_lognormal, 20, 1e-2),
        (domains.branin, 35, 0.45),
    ],
)
def test_domains_are_solved(make, n, best):
    assert min(run(lambda x: x, make().expr, n).losses()) <= best


def nested(space):
    if space["kind"] == "svm":
        return (math.log10(space["C"]) - 1) ** 2
    net = space["net"]
    return -1 + (net["width"] - 40) ** 2 / 500 + (0.3 if net["more"] is None else net["more"] ** 2)


NESTED = hp.choice(
    "model",
    [
        {"kind": "svm", "C": hp.loguniform("C", math.log(1e-3), math.log(1e3))},
        {
            "kind": "net",
            "net": {
                "width": hp.quniform("width", 8, 64, 8),
                "more": hp.choice("more", [None, hp.normal("sigma", 0, 1)]),
            },
        },
    ],
)


def test_choices_are_conditions():
    labels = ExpressionLabels.of(NESTED)
    when = {name: dict(p.conditions) for name, p in labels.space.parameters.items()}
    assert when["model"] == {}
    assert when["C"] == {"model": (0,)}
    assert when["width"] == when["more"] == {"model": (1,)}
    assert when["sigma"] == {"model": (1,), "more": (1,)}
    trials = run(nested, NESTED, 30)
    assert min(trials.losses()) < -0.99
    for point in values(trials):
        assert ("C" in point) == (point["model"] == 0)
        assert ("width" in point) == (point["model"] == 1)
        assert ("sigma" in point) == (point.get("more") == 1)


def test_a_label_in_every_branch_always_counts():
    x = hp.uniform("x", 0, 1)
    space = hp.choice("c", [{"a": x, "b": 0.0}, {"a": x, "b": hp.uniform("b", 0, 1)}])
    assert ExpressionLabels.of(space).space.parameters["x"].conditions == {}
    assert all("x" in point for point in values(run(lambda s: s["a"] + s["b"], space, 8)))


def test_a_label_in_branches_of_no_common_form_counts_only_there():
    z = hp.uniform("z", 0, 1)
    space = {"a": hp.choice("a", [0.0, z]), "b": hp.choice("b", [0.0, 1.0, z])}
    for point in values(run(lambda s: s["a"] + s["b"], space, 14)):
        assert ("z" in point) == (point["a"] == 1 or point["b"] == 2)


DISTRIBUTIONS = {
    "uniform": (hp.uniform("x", -2, 3), lambda v: -2 <= v <= 3),
    "loguniform": (hp.loguniform("x", -5, 2), lambda v: math.exp(-5) <= v <= math.exp(2)),
    "quniform": (hp.quniform("x", 0, 10, 3), lambda v: v in (0.0, 3.0, 6.0, 9.0)),
    "qloguniform": (hp.qloguniform("x", 0, 3, 2), lambda v: v in np.arange(0.0, 21.0, 2.0)),
    "uniformint": (hp.uniformint("x", 2, 9), lambda v: v in range(2, 10)),
    "normal": (hp.normal("x", 4, 7), lambda v: abs(v - 4) < 5 * 7),
    "lognormal": (hp.lognormal("x", -2, 2), lambda v: abs(math.log(v) + 2) < 5 * 2),
    "qnormal": (hp.qnormal("x", 0, 10, 2), lambda v: v % 2 == 0),
    "qlognormal": (hp.qlognormal("x", 0, 2, 1), lambda v: v >= 0 and v % 1 == 0),
    "randint": (hp.randint("x", 10), lambda v: v in range(10)),
    "randint from": (hp.randint("x", 12, 25), lambda v: v in range(12, 25)),
    "many": (hp.randint("x", 10**6), lambda v: v in range(10**6)),
    "fine": (hp.quniform("x", 0, 1, 1e-5), lambda v: 0 <= v <= 1),
    "choice": (hp.choice("x", ["a", "b"]), lambda v: v in (0, 1)),
    "pchoice": (hp.pchoice("x", [(0.2, "a"), (0.8, "b")]), lambda v: v in (0, 1)),
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_proposals_are_values_of_the_distribution(name):
    node, legal = DISTRIBUTIONS[name]
    labels = ExpressionLabels.of(hyperopt.pyll.as_apply(node))
    rng = np.random.default_rng(0)
    cube = np.concatenate([rng.random((50, 1)), [[0.0], [1.0 - 1e-12]]])
    for row in labels.space.to_rows(labels.space.from_cube(cube)):
        vals = labels.values(row)
        assert legal(vals["x"][0]), vals
        # the same again when the trial is read
        assert labels.values(labels.numbers(vals))["x"] == pytest.approx(vals["x"], rel=1e-6)


@pytest.mark.parametrize("name", ["normal", "lognormal", "uniform", "loguniform"])
def test_points_spread_in_the_space_follow_the_prior(name):
    """Evenly spaced points of the cube are the distribution's quantiles: against its own draws."""
    node, _ = DISTRIBUTIONS[name]
    labels = ExpressionLabels.of(hyperopt.pyll.as_apply(node))
    cube = (np.arange(4000)[:, None] + 0.5) / 4000
    ours = [
        labels.values(row)["x"][0] for row in labels.space.to_rows(labels.space.from_cube(cube))
    ]
    rng = np.random.default_rng(0)
    theirs = [hyperopt.pyll.stochastic.sample(node, rng) for _ in range(4000)]
    shift = max(
        abs(np.searchsorted(np.sort(ours), q) / 4000 - p)
        for p in (0.05, 0.25, 0.5, 0.75, 0.95)
        for q in [np.quantile(theirs, p)]
    )
    assert shift < 0.03


def test_values_of_another_algorithm_are_read_even_beyond_the_searched_range():
    labels = ExpressionLabels.of(
        hyperopt.pyll.as_apply({"a": hp.normal("a", 0, 1), "b": hp.qnormal("b", 0, 1, 1)})
    )
    assert np.isfinite(labels.space.to_coords([labels.numbers({"a": [40.0], "b": [-40.0]})])).all()
    trials = run(nested, NESTED, 12, algo=hyperopt.tpe.suggest)
    run(nested, NESTED, 20, trials=trials)
    assert len(trials) == 20


def test_the_same_seed_makes_the_same_trials():
    a, b, c = (values(run(nested, NESTED, 14, seed=seed)) for seed in (1, 1, 2))
    assert a == b
    assert a != c


# Hyperopt leaves its file for the garbage collector to close
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_trials_kept_in_a_file_are_continued(tmp_path):
    path = str(tmp_path / "trials.pkl")
    for n in (8, 12):
        hyperopt.fmin(
            nested, NESTED, algo=suggest, max_evals=n, trials_save_file=path, verbose=False,
            show_progressbar=False, rstate=np.random.default_rng(n),
        )  # fmt: skip
    with open(path, "rb") as file:
        trials = pickle.load(file)
    points = values(trials)
    assert len(points) == 12
    assert len({str(p) for p in points}) == 12


def test_startup_points_belong_to_one_design_though_every_call_has_a_seed_of_its_own():
    space = {"x": hp.uniform("x", 0, 1), "y": hp.uniform("y", 0, 1)}
    trials = run(lambda s: s["x"] + s["y"], space, 9, algo=partial(suggest, n_startup_jobs=9))
    xs = sorted(p["x"] for p in values(trials)[1:])
    # eight points of a Sobol sequence: one in each eighth
    assert [int(8 * x) for x in xs] == list(range(8))


def test_several_points_at_once_differ():
    trials = run(lambda x: (x - 1) ** 2, hp.uniform("x", -5, 5), 12, max_queue_len=4)
    xs = sorted(p["x"] for p in values(trials))
    assert min(np.diff(xs)) > 1e-9


@pytest.mark.parametrize("bad", [{"status": "fail"}, {"status": "ok", "loss": float("inf")}])
def test_where_the_objective_failed_is_avoided(bad):
    def objective(x):
        return bad if x > 0.7 else {"status": "ok", "loss": -x}

    trials = run(objective, hp.uniform("x", 0, 1), 20)
    good = [x for x in (p["x"] for p in values(trials)) if x <= 0.7]
    assert max(good) > 0.68


def test_options_are_given_by_partial():
    options = {
        "surrogate": bo.MapGP(kernel="rbf"),
        "acquisition": bo.UCB(beta=1.0),
        "deterministic": True,
    }
    # a design of as many points: its points depend on their number
    plain = values(run(nested, NESTED, 14, algo=partial(suggest, n_startup_jobs=6)))
    other = values(run(nested, NESTED, 14, algo=partial(suggest, n_startup_jobs=6, **options)))
    assert plain[:6] == other[:6]
    assert plain != other


def test_a_space_of_one_point_and_one_of_none():
    trials = run(
        lambda s: s["a"], {"a": hp.quniform("a", 2, 2.4, 1), "b": hp.choice("b", ["only"])}, 3
    )
    assert values(trials) == [{"a": 2.0, "b": 0}] * 3
    assert len(run(lambda s: 1.0, {"a": 3}, 3)) == 3


def test_a_small_space_is_gone_through_before_anything_is_repeated():
    trials = run(lambda s: s["a"] + s["b"], {"a": hp.randint("a", 3), "b": hp.randint("b", 2)}, 9,
                 algo=partial(suggest, deterministic=True))  # fmt: skip
    assert len({str(p) for p in values(trials)[:6]}) == 6


@pytest.mark.parametrize(
    ("space", "error", "words"),
    [
        (hp.uniform("x", 0, hp.uniform("top", 1, 2)), NotImplementedError, "x: its high depends"),
        (hp.normal("x", 0, 0), ValueError, "sigma"),
        (hp.loguniform("x", 0, 1000), (ValueError, OverflowError), "x|range"),
    ],
)
def test_labels_that_cannot_be_searched(space, error, words):
    with pytest.raises(error, match=words):
        run(lambda x: x, space, 1)


@pytest.mark.parametrize("bad", [{"n_startup_jobs": -1}, {"n_startup_jobs": 2.5}])
def test_options_of_the_wrong_kind(bad):
    with pytest.raises((TypeError, ValueError), match="n_startup_jobs"):
        run(lambda x: x, hp.uniform("x", 0, 1), 1, algo=partial(suggest, **bad))
    with pytest.raises(TypeError, match="surrogate"):
        run(lambda x: x, hp.uniform("x", 0, 1), 1, algo=partial(suggest, surrogate=bo.MapGP))


def test_a_host_too_old_is_named_with_the_version_that_is_needed(monkeypatch):
    from bayesopt.integrations.host import require

    monkeypatch.setattr(importlib.metadata, "version", lambda name: "0.1.2")
    with pytest.raises(ImportError, match=r"needs hyperopt 0.2.7 or newer; found 0.1.2"):
        require("hyperopt", extra="hyperopt", at_least="0.2.7")
    monkeypatch.setitem(sys.modules, "hyperopt", None)
    with pytest.raises(ImportError, match=r"bayesopt-engine\[hyperopt\]"):
        require("hyperopt", extra="hyperopt", at_least="0.2.7")

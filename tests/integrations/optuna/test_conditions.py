"""What is learned of conditions from the trials that have a parameter and those that have not."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("optuna", reason="Optuna is not installed: bayesopt-engine[optuna]")

from bayesopt.integrations.optuna.conditions import learn

NAN = float("nan")
NAMES = ["kind", "layers", "width_1", "width_2", "lr", "momentum"]
LEVELS = {
    "kind": ([0.0, 1.0, 2.0], False),
    "layers": ([1.0, 2.0, 3.0, 4.0, 5.0], True),
    "width_1": ([float(v) for v in range(8, 65, 8)], True),
    "width_2": ([float(v) for v in range(8, 65, 8)], True),
}


def network(kind, layers, lr, widths, momentum):
    """A trial: kind 2 has layers, two of them width_1, three width_2 too; kind 0 has momentum."""
    deep = kind == 2
    return [
        kind,
        layers if deep else NAN,
        widths[0] if deep and layers >= 2 else NAN,
        widths[1] if deep and layers >= 3 else NAN,
        lr,
        momentum if kind == 0 else NAN,
    ]


def table(rng, n):
    return np.array(
        [
            network(
                float(rng.integers(3)), float(rng.integers(1, 6)), rng.random(),
                8.0 * rng.integers(1, 9, 2), rng.random(),
            )
            for _ in range(n)
        ]
    )  # fmt: skip


def learned(points, whole=None):
    whole = np.ones(len(points), dtype=bool) if whole is None else whole
    return learn(points, whole, NAMES, LEVELS)


def counts(rule, point):
    numbers = dict(zip(NAMES, point, strict=True))
    return all(numbers[parent] in allowed for parent, allowed in rule.items())


@pytest.mark.parametrize("seed", range(5))
def test_the_conditions_of_a_define_by_run_network_are_found(seed):
    found = learned(table(np.random.default_rng(seed), 60)).when
    assert found["layers"] == {"kind": [2.0]}
    assert found["momentum"] == {"kind": [0.0]}
    assert found["width_1"] == {"layers": [2.0, 3.0, 4.0, 5.0]}
    assert found["width_2"] == {"layers": [3.0, 4.0, 5.0]}
    assert "lr" not in found
    assert "kind" not in found


@given(st.integers(0, 10**6), st.integers(1, 25))
def test_a_trial_that_has_a_parameter_always_meets_its_condition(seed, n):
    points = table(np.random.default_rng(seed), n)
    for name, rule in learned(points).when.items():
        for point in points[~np.isnan(points[:, NAMES.index(name)])]:
            assert counts(rule, point)


@given(st.integers(0, 10**6), st.integers(1, 25))
def test_conditions_never_run_in_a_circle(seed, n):
    rng = np.random.default_rng(seed)
    # no order behind it at all
    points = np.where(rng.random((n, len(NAMES))) < 0.5, NAN, table(rng, n))
    rules = learned(points).when
    left = set(rules)
    while left:
        free = {name for name in left if not left & set(rules[name])}
        assert free
        left -= free


def test_a_condition_on_two_parents():
    points = np.array(
        [
            [a, b, c, 0.1, 0.2, 0.3 if a == 1 and b >= 3 else NAN]
            for a, b, c in itertools.product((0.0, 1.0, 2.0), (1.0, 2.0, 3.0, 4.0), (8.0, 16.0))
        ]
    )
    levels = {"kind": LEVELS["kind"], "layers": LEVELS["layers"]}
    found = learn(points, np.ones(len(points), dtype=bool), NAMES, levels).when["momentum"]
    assert found == {"kind": [1.0], "layers": [3.0, 4.0, 5.0]}


def test_levels_never_seen_fall_to_the_nearer_side():
    layers = (1.0, 1.0, 4.0, 5.0)
    points = np.array([[0.0, v, NAN, NAN, 0.1, 0.5 if v >= 4 else NAN] for v in layers])
    assert learned(points).when["momentum"] == {"layers": [3.0, 4.0, 5.0]}


def test_a_category_never_seen_keeps_the_parameter():
    points = np.array([[k, NAN, NAN, NAN, 0.1, 0.5 if k == 0 else NAN] for k in (0.0, 1.0, 0.0)])
    assert learned(points).when["momentum"] == {"kind": [0.0, 2.0]}


def test_unfinished_trials_do_not_count_as_lacking_a_parameter():
    points = np.array([[0.0, 1.0, NAN, NAN, 0.1, 0.5], [1.0, NAN, NAN, NAN, NAN, NAN]])
    assert "momentum" not in learned(points, np.array([True, False])).when
    assert "momentum" in learned(points).when


def test_what_depends_on_a_continuous_parameter_stays_in():
    rng = np.random.default_rng(0)
    lr = rng.random(40)
    points = np.array([[0.0, 1.0, NAN, NAN, v, 0.5 if v > 0.5 else NAN] for v in lr])
    found = learned(points)
    assert found.when["momentum"] == {}
    assert "momentum" not in found.retired


def test_a_parameter_given_up_by_the_objective_is_given_up_here():
    rng = np.random.default_rng(0)
    points = table(rng, 40)
    points[:, 5] = NAN
    points[:10, 5] = 0.5
    assert "momentum" in learned(points).retired
    assert "momentum" not in learned(points[:19]).retired

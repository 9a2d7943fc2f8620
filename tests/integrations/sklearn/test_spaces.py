"""From ``search_spaces`` to the spaces that are searched."""

import pickle

import numpy as np
import pytest

pytest.importorskip(
    "sklearn", reason="scikit-learn is not installed: pip install 'bayesopt-engine[sklearn]'"
)

import bayesopt as bo
from bayesopt.integrations.sklearn.spaces import count, read_searches

RBF = {"kernel": ["rbf"], "C": (1e-3, 1e3, "log-uniform"), "gamma": (1e-4, 1.0, "log-uniform")}
LINEAR = {"kernel": ["linear"], "C": (1e-3, 1e3, "log-uniform")}
POLY = {"kernel": ["poly"], "C": (1e-3, 10.0, "log-uniform"), "degree": (2, 5)}


def points(search, n=200):
    cube = np.random.default_rng(0).random((n, search.space.n_columns))
    rows = search.space.to_rows(search.space.from_cube(cube))
    return [search.space.decode(row) for row in rows]


def test_a_dict_is_one_search():
    (search,) = read_searches(RBF, 7)
    assert search.budget == 7
    assert search.names == ("C", "gamma", "kernel")
    for point in points(search, 20):
        params = search.params(point)
        assert set(params) == {"C", "gamma", "kernel"}
        assert params["kernel"] == "rbf"


def test_the_dicts_of_a_list_are_branches_of_one_search():
    (search,) = read_searches([RBF, LINEAR, POLY], 10)
    assert search.budget == 10
    seen = set()
    for point in points(search):
        params, branch = search.params(point), search.part(point)
        seen.add(branch)
        assert params["kernel"] == ("rbf", "linear", "poly")[branch]
        assert set(params) == set((RBF, LINEAR, POLY)[branch])
        assert branch != 2 or params["C"] <= 10.0
    assert seen == {0, 1, 2}


def test_a_parameter_that_is_equal_in_several_branches_is_one_parameter():
    (search,) = read_searches([RBF, LINEAR, POLY], 10)
    # C of the first two is one column, C of the third another; gamma; degree; the branch
    assert search.space.n_columns == 5


def test_estimators_at_the_same_place_of_two_lists_are_told_apart():
    first, second = object(), object()
    (search,) = read_searches([{"clf": [first]}, {"clf": [second], "clf__C": (0, 1)}], 5)
    found = {search.part(p): search.params(p)["clf"] for p in points(search, 50)}
    assert found[0] is first
    assert found[1] is second


def test_an_empty_dict_is_a_branch_without_parameters():
    (search,) = read_searches([{}, {"C": (0.1, 1.0)}], 5)
    assert {tuple(search.params(p)) for p in points(search, 50)} == {(), ("C",)}


def test_own_parameters_keep_their_conditions_within_a_branch():
    trees = {
        "booster": bo.Categorical(["tree", "dart"]),
        "rate": bo.Float(0, 1, when={"booster": "dart"}),
    }
    (search,) = read_searches([trees, {"booster": ["linear"], "rate": (2.0, 3.0)}], 5)
    kinds = set()
    for point in points(search):
        params = search.params(point)
        kinds.add((params["booster"], "rate" in params))
        if params["booster"] == "linear":
            assert 2 <= params["rate"] <= 3
    assert kinds == {("tree", False), ("dart", True), ("linear", True)}


def test_pairs_are_searches_of_their_own():
    searches = read_searches([(RBF, 4), LINEAR, (POLY, 3), {"C": (1, 2)}], 10)
    assert [s.budget for s in searches] == [4, 10, 3]
    assert [[place for place, _ in s.parts] for s in searches] == [[0], [1, 3], [2]]
    assert count(searches) == 17
    assert [s.budget for s in read_searches((RBF, 4), 10)] == [4]
    assert read_searches([(RBF, 0)], 10) == []


def test_a_space_with_conditions_and_constraints_is_taken_as_it_is():
    space = bo.Space(
        kernel=bo.Categorical(["rbf", "linear"]), gamma=bo.Float(0, 1, when={"kernel": "rbf"})
    )
    (search,) = read_searches(space, 6)
    assert search.space is space
    assert search.params({"kernel": "linear"}) == {"kernel": "linear"}
    assert [s.budget for s in read_searches([space, (space, 2)], 6)] == [6, 2]


def test_a_constraint_sees_values_in_the_order_of_sorted_names():
    (search,) = read_searches({"b": (0.0, 1.0), "a": ["u", "v"]}, 5)
    seen = []

    def constraint(values):
        seen.append(values)
        return values[1] < 0.5

    bound = search.constrained(constraint)
    assert bound.space.contains({"a": "u", "b": 0.25})
    assert not bound.space.contains({"a": "u", "b": 0.75})
    assert seen == [["u", 0.25], ["u", 0.75]]


def test_searches_can_be_sent_to_other_processes():
    (search,) = read_searches([RBF, LINEAR], 10)
    again = pickle.loads(pickle.dumps(search))
    assert again.space == search.space
    point = points(search, 1)[0]
    assert again.params(point) == search.params(point)


@pytest.mark.parametrize(
    ("spaces", "error", "words"),
    [
        ([], ValueError, "empty list"),
        ({}, ValueError, "no parameters"),
        ([{}], ValueError, "no parameters"),
        ("C", TypeError, "search_spaces must be a dict.*got 'C'"),
        (None, TypeError, "got None"),
        ([RBF, 3], TypeError, "got 3"),
        ([(RBF, -1)], ValueError, "whole number >= 0; got -1"),
        ([(RBF, 2.5)], TypeError, "got 2.5"),
        ([(RBF, True)], TypeError, "got True"),
        ({1: (0, 1)}, TypeError, "names of parameters must be strings; got 1"),
        ({"C": object()}, TypeError, "'C': expected a range"),
        ({"C": bo.Float(0, 1, when={"kernel": "rbf"})}, ValueError, "unknown parameter 'kernel'"),
    ],
)
def test_what_is_no_search_space_is_refused(spaces, error, words):
    with pytest.raises(error, match=words):
        read_searches(spaces, 5)

"""The search finds the maximum: against enumeration, SciPy and known answers."""

import math

import numpy as np
import pytest
from scipy import optimize

import bayesopt as bo
from bayesopt.acquisition import Score
from bayesopt.proposal import AcquisitionSearch
from bayesopt.proposal.acquisition_search import tolerance
from bayesopt.proposal.ascent import climb, climbed_columns
from bayesopt.proposal.exchange import Neighbourhood, exchange
from bayesopt.testing.numbers import slopes_in_points
from bayesopt.testing.proposers import Hills, context
from bayesopt.testing.spaces import named, some_points


class Known(Score):
    """Any function of coordinates, with slopes by differences."""

    def __init__(self, space, function):
        self._free, self.values = ~space.is_categorical, function
        self.calls = 0

    def values(self, coords):  # replaced
        raise NotImplementedError

    def values_with_gradient(self, coords):
        self.calls += 1
        gradient = slopes_in_points(self.values, coords)
        return self.values(coords), np.where(self._free & ~np.isnan(coords), gradient, 0.0)


def found_by(search, space, score, **options):
    known = {"centers": space.default_coords()[None]} | options
    return search.propose(context(space, score=score, **known))


# ---- spaces that are listed -----------------------------------------------------------------


@pytest.mark.parametrize("name", ["discrete", "table"])
def test_a_listed_space_gives_its_best_open_point(name):
    space = named(name)
    every, score = space.enumerate(), Hills(space)
    order = np.argsort(-score.values(every))
    for taken in (0, 1, 5):
        found = found_by(AcquisitionSearch(), space, score, taken=every[order[:taken]])
        np.testing.assert_array_equal(found, every[order[taken]])


def test_a_listed_space_with_constraints():
    space = bo.Space(a=bo.Int(0, 9), b=bo.Int(0, 9), constraints=[lambda p: p["a"] + p["b"] == 9])
    found = found_by(AcquisitionSearch(), space, Known(space, lambda x: x[:, 0]))
    assert space.decode(space.to_rows(found[None])[0]) == {"a": 9, "b": 0}


# ---- mixed spaces against dense grids -------------------------------------------------------


def grid_maximum(space, score, per_float):
    """Highest score over a dense grid; spaces without conditions."""
    axes = [
        np.linspace(0, 1, per_float) if np.isinf(k) else space.level_coords(j)
        for j, k in enumerate(space.n_levels)
    ]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, space.n_columns)
    return score.values(grid).max()


@pytest.mark.parametrize("seed", range(4))
def test_the_maximum_over_a_mixed_space(seed):
    space = named("mixed")
    score = Hills(space, seed)
    found = found_by(AcquisitionSearch(), space, score, seed=seed)
    assert score.values(found[None])[0] >= grid_maximum(space, score, 60) - 1e-3


@pytest.mark.parametrize("seed", range(3))
def test_columns_that_act_together(seed):
    """The best label depends on the numbers and the other way round: exchanges alone get stuck."""
    space = bo.Space(
        x=bo.Float(0, 1), c=bo.Categorical([*"abcdefgh"]), k=bo.Int(1, 32), n=bo.Int(0, 500)
    )
    rng = np.random.default_rng(seed)
    tops = rng.random((8, 3))

    def score(coords):
        at = tops[coords[:, 1].astype(int)]
        apart = ((coords[:, [0, 2, 3]] - at) ** 2).sum(axis=1)
        return -np.sqrt(apart) + 0.1 * coords[:, 1]

    found = found_by(AcquisitionSearch(), space, Known(space, score), seed=seed)
    assert found[1] == 7.0
    assert abs(found[0] - tops[7, 0]) < 0.02
    assert abs(found[2] - tops[7, 1]) <= 0.5 / 31 + 1e-9
    assert abs(found[3] - tops[7, 2]) < 0.02


def test_conditional_parameters_are_searched_in_every_branch():
    space = named("conditional")
    names = list(space.columns)
    slope = names.index("slope")

    def score(coords):  # best in the deepest branch, and there at one value
        deep = ~np.isnan(coords[:, slope])
        return np.where(deep, 1.0 - (np.nan_to_num(coords[:, slope]) - 0.7) ** 2, 0.5)

    found = found_by(AcquisitionSearch(), space, Known(space, score))
    params = space.decode(space.to_rows(found[None])[0])
    assert params["kind"] == "net"
    assert params["act"] == "relu"
    assert found[slope] == pytest.approx(0.7, abs=0.01)


def test_a_narrow_peak_beside_a_known_point_is_found():
    """Sprays around the best points see what the whole space's points do not."""
    space = bo.Space({f"x{i}": bo.Float(0, 1) for i in range(8)})
    top = np.full(8, 0.62)

    def score(coords):
        return -np.log(1e-4 + ((coords - top) ** 2).sum(axis=1))

    center = top[None] + 0.05
    found = found_by(AcquisitionSearch(), space, Known(space, score), centers=center, taken=center)
    np.testing.assert_allclose(found, top, atol=0.01)


@pytest.mark.parametrize("seed", range(4))
def test_a_ridge_that_no_candidate_hits_is_followed_from_the_best_point(seed):
    """As where several outcome constraints are known well and all of them bind."""
    space = bo.Space(n=bo.Int(0, 99), x=bo.Float(0, 1), y=bo.Float(0, 1))

    def score(coords):
        n, x, y = coords.T
        walls = np.maximum(0.0, 0.5 * x - n) ** 2 + np.maximum(0.0, 0.3 - x * y) ** 2
        return -1e8 * walls - 50.0 * n - x - 2.0 * y

    center = np.array([[40 / 99, 0.7, 0.6]])
    known = Known(space, score)
    options = {"centers": center, "taken": center, "constrained": True}
    found = found_by(AcquisitionSearch(), space, known, seed=seed, **options)
    # the best of all n, x and y on the walls
    levels = np.arange(99) / 99
    x = np.clip(2.0 * levels, 1e-9, 1.0)
    y = np.maximum(0.3 / x, 0.0)
    best = np.where(y <= 1.0, -50.0 * levels - x - 2.0 * y, -np.inf).max()
    assert best - 1.5 < score(found[None])[0] <= best + 1e-2


def test_the_best_point_is_a_start_only_where_it_is_allowed():
    space = bo.Space(x=bo.Float(0, 1), constraints=[lambda p: p["x"] >= 0.5])
    score, centers = Known(space, lambda c: -np.abs(c[:, 0] - 0.2)), np.array([[0.2], [0.9]])
    found = found_by(AcquisitionSearch(), space, score, centers=centers, constrained=True)
    assert found[0] == pytest.approx(0.5, abs=1e-3)


def test_an_integer_of_a_million_million_levels():
    space = bo.Space(n=bo.Int(0, 10**12))
    score = Known(space, lambda x: -((x[:, 0] - 0.123456789012) ** 2))
    found = found_by(AcquisitionSearch(), space, score)
    n = space.decode(space.to_rows(found[None])[0])["n"]
    assert abs(n - 123456789012) < 10**9


def test_two_hundred_labels():
    space = bo.Space(c=bo.Categorical(range(200)), x=bo.Float(0, 1))
    score = Known(space, lambda x: np.where(x[:, 0] == 137, 2.0, 0.0) - (x[:, 1] - 0.4) ** 2)
    found = found_by(AcquisitionSearch(), space, score)
    assert found[0] == 137
    assert found[1] == pytest.approx(0.4, abs=0.01)


def test_fifty_columns():
    space = bo.Space({f"x{i}": bo.Float(0, 1) for i in range(50)})
    top = np.random.default_rng(1).random(50)

    class Bowl(Score):
        def values(self, coords):
            return -((coords - top) ** 2).sum(axis=1)

        def values_with_gradient(self, coords):
            return self.values(coords), -2.0 * (coords - top)

    found = found_by(AcquisitionSearch(), space, Bowl())
    np.testing.assert_allclose(found, top, atol=1e-2)


@pytest.mark.parametrize("unit", [1e-12, 1e6])
def test_the_unit_of_the_score_does_not_matter(unit):
    """Expected improvements late in a run are tiny and searched as well as any."""
    space = named("mixed")
    hills = Hills(space, 5)

    class Scaled(Score):
        def values(self, coords):
            return unit * hills.values(coords)

        def values_with_gradient(self, coords):
            f, g = hills.values_with_gradient(coords)
            return unit * f, unit * g

    plain, other = (found_by(AcquisitionSearch(), space, s) for s in (hills, Scaled()))
    assert hills.values(other[None])[0] == pytest.approx(hills.values(plain[None])[0], abs=2e-3)


def test_the_best_point_is_taken_already():
    space = bo.Space(a=bo.Int(0, 200), b=bo.Int(0, 200))
    score = Known(space, lambda x: -((x - 0.5) ** 2).sum(axis=1))
    first = found_by(AcquisitionSearch(), space, score)
    np.testing.assert_array_equal(first, [0.5, 0.5])
    second = found_by(AcquisitionSearch(), space, score, taken=first[None])
    assert np.abs(second - 0.5).max() == pytest.approx(1 / 200)


# ---- known constraints ----------------------------------------------------------------------


@pytest.mark.parametrize("d", [2, 3, 5])
def test_the_maximum_on_the_border_of_a_linear_constraint(d):
    names = [f"x{i}" for i in range(d)]
    limit = d / 3
    space = bo.Space(
        {name: bo.Float(0, 1) for name in names},
        constraints=[bo.LinearConstraint(dict.fromkeys(names, 1.0), upper=limit)],
    )
    rng = np.random.default_rng(d)
    center, weights = 0.4 + 0.5 * rng.random(d), 1.0 + 9.0 * rng.random(d)

    def score(coords):
        return -((coords - center) ** 2 * weights).sum(axis=1)

    best = -optimize.minimize(
        lambda x: -score(x[None])[0],
        np.full(d, 0.3),
        bounds=[(0, 1)] * d,
        constraints=[{"type": "ineq", "fun": lambda x: limit - x.sum()}],
    ).fun
    reach = np.ptp(score(rng.random((2000, d))))
    found = found_by(AcquisitionSearch(), space, Known(space, score))
    assert space.allowed(found[None])[0]
    assert score(found[None])[0] > best - 2e-3 * reach


def test_the_maximum_on_a_round_border():
    space = bo.Space(
        x=bo.Float(-1, 1),
        y=bo.Float(-1, 1),
        constraints=[lambda p: p["x"] ** 2 + p["y"] ** 2 <= 0.25],
    )
    found = found_by(AcquisitionSearch(), space, Known(space, lambda c: c @ np.array([2.0, 1.0])))
    x, y = space.to_rows(found[None])[0]
    assert math.hypot(x, y) == pytest.approx(0.5, abs=2e-3)
    assert math.atan2(y, x) == pytest.approx(math.atan2(1, 2), abs=0.05)


def test_a_small_allowed_region_is_found():
    """One point in three thousand is allowed."""
    space = bo.Space(
        {name: bo.Float(0, 1) for name in "xyz"},
        constraints=[lambda p: max(abs(p[n] - 0.77) for n in "xyz") < 0.035],
    )
    found = found_by(AcquisitionSearch(), space, Known(space, lambda x: x.sum(axis=1)))
    np.testing.assert_allclose(found, 0.805, atol=2e-3)


def test_an_allowed_region_that_cannot_be_found_says_so():
    space = bo.Space(
        {name: bo.Float(0, 1) for name in "wxyz"},
        constraints=[lambda p: all(abs(p[n] - 0.77) < 1e-6 for n in "wxyz")],
    )
    search = AcquisitionSearch(n_candidates=64)
    with pytest.raises(bo.SpaceExhausted, match="Check the constraints"):
        found_by(search, space, Hills(space))


def test_the_neighbourhood_of_an_evaluated_point_is_searched_when_no_other_is_allowed():
    space = bo.Space(
        x=bo.Float(0, 1), y=bo.Float(0, 1),
        constraints=[lambda p: abs(p["x"] - 0.4) < 1e-3 and abs(p["y"] - 0.4) < 2e-2],
    )  # fmt: skip
    known = np.array([[0.4, 0.4]])
    found = found_by(
        AcquisitionSearch(n_candidates=32), space, Known(space, lambda x: x[:, 1]), taken=known
    )
    assert found[1] > 0.4


# ---- parts ----------------------------------------------------------------------------------


def test_columns_with_few_levels_are_exchanged_and_others_climbed():
    space = bo.Space(
        a=bo.Float(0, 1), b=bo.Int(1, 64), c=bo.Int(1, 65), d=bo.Categorical(range(100)),
        e=bo.Float(0, 1, step=0.001), f=bo.Ordinal([1, 2, 5]),
    )  # fmt: skip
    assert climbed_columns(space).tolist() == [True, False, True, False, True, False]


def test_climbing_leaves_the_other_columns_alone():
    space = named("conditional")
    points = some_points(space, 20, 3)
    score = Hills(space)
    columns = climbed_columns(space)
    climbed, values = climb(score, points, columns, tolerance=1e-9)
    np.testing.assert_array_equal(climbed[:, ~columns], points[:, ~columns])
    np.testing.assert_array_equal(np.isnan(climbed), np.isnan(points))
    np.testing.assert_allclose(values, score.values(climbed), rtol=1e-12)
    assert (values >= score.values(points)).all()
    assert (values > score.values(points) + 1e-3).any()


def test_the_smallest_gain_that_matters_is_a_part_of_the_spread():
    assert tolerance(np.array([0.0, 1.0, 5.0])) == pytest.approx(4e-4)
    assert tolerance(np.array([-np.inf, 0.0, 1e9])) == pytest.approx(1e-3)
    assert tolerance(np.array([-np.inf])) > 0.0
    assert tolerance(np.zeros(3)) > 0.0


@pytest.mark.parametrize("name", ["mixed", "conditional", "stepped", "wide", "discrete"])
def test_neighbours_are_legal_and_differ_in_one_discrete_column(name):
    space = named(name)
    points = some_points(space, 6, 4)
    filled = np.where(np.isnan(points), np.where(space.is_categorical, 0.0, 0.3), points)
    around = Neighbourhood(space, np.random.default_rng(0)).around(points, filled)
    np.testing.assert_array_equal(np.nonzero(around.exists)[0], around.origin)
    assert len(around.points) == len(around.origin) > 0
    np.testing.assert_array_equal(space.snap(around.points), around.points)
    same = (around.points == points[around.origin]) | (
        np.isnan(around.points) & np.isnan(points[around.origin])
    )
    assert (~same).any(axis=1).all()
    if not space.is_conditional.any():
        assert ((~same).sum(axis=1) == 1).all()
        assert np.isfinite(space.n_levels[(~same).any(axis=0)]).all()


def test_all_labels_and_few_levels_are_tried():
    space = bo.Space(c=bo.Categorical([*"abcde"]), k=bo.Int(0, 9), x=bo.Float(0, 1))
    point = np.array([[2.0, space.level_coords(1)[3], 0.5]])
    around = Neighbourhood(space, np.random.default_rng(0)).around(point, point)
    assert len(around.points) == 4 + 9
    rows = space.to_rows(around.points)
    assert set(rows[:4, 0]) == {0, 1, 3, 4}
    assert set(rows[4:, 1]) == {*range(10)} - {3}


@pytest.mark.parametrize("n_taken", [0, 1, 2])
@pytest.mark.parametrize("name", ["mixed", "conditional", "stepped", "discrete"])
def test_exchanges_end_where_no_open_neighbour_is_better(name, n_taken):
    """Steepest ascent, move by move, beside the batch's."""
    space, tol = named(name), 1e-9
    points, score = some_points(space, 5, 7), Hills(named(name), 3)
    filled = np.where(np.isnan(points), np.where(space.is_categorical, 0.0, 0.25), points)
    best = space.enumerate() if name == "discrete" else some_points(space, 300, 8)
    taken = best[np.argsort(-score.values(best))[:n_taken]]
    what = context(space, score=score, taken=taken)
    neighbourhood = Neighbourhood(space, np.random.default_rng(0))
    found, values, _ = exchange(
        what, neighbourhood, score, points, score.values(points), filled, tol
    )
    for x, f, end in zip(points, filled, found, strict=True):
        while True:
            around = neighbourhood.around(x[None], f[None])
            free = around.points[what.is_untaken(around.points)]
            new = free[np.argmax(score.values(free))]
            if not score.values(new[None])[0] > score.values(x[None])[0] + tol:
                break
            x, f = new, np.where(np.isnan(new), f, new)
        np.testing.assert_array_equal(end, x)
    np.testing.assert_array_equal(values, score.values(found))


def test_without_any_value_it_does_not_climb():
    """The probability of success is greatest in a corner; there would be no end of corners."""
    space = bo.Space({f"x{i}": bo.Float(0, 1) for i in range(4)})
    score = Known(space, lambda x: ((x - 0.5) ** 2).sum(axis=1))
    points = np.array(
        [AcquisitionSearch().propose(context(space, score=score, seed=s)) for s in range(10)]
    )
    assert score.calls == 0
    assert ((points > 0.01) & (points < 0.99)).all(axis=1).mean() > 0.5
    assert score.values(points).mean() > 4 / 12 + 0.1  # but no point like any other


@pytest.mark.parametrize("option", ["n_candidates", "n_starts", "max_rounds"])
def test_impossible_options_are_refused(option):
    with pytest.raises(ValueError, match=f"{option} must be a whole number from 1"):
        AcquisitionSearch(**{option: 0})
    with pytest.raises(ValueError, match="n_sprays must be a whole number from 0"):
        AcquisitionSearch(n_sprays=-1)

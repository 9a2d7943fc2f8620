"""Candidates in a CSV file, with descriptors that only the model sees."""

import csv
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.acquisition import Score
from bayesopt.proposal import listing
from tests.optimizer.running import QUICK

SOLVENTS = {"DMF": 36.7, "water": 80.1, "toluene": 2.4, "DMSO": 46.7, "hexane": 1.9}


def write(path, rows, head="solvent,heat,polarity,family"):
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def reactions(tmp_path):
    rows = [
        f"{name},{heat},{polarity},{'apolar' if polarity < 10 else 'polar'}"
        for name, polarity in SOLVENTS.items()
        for heat in (20, 60, 100)
        if (name, heat) != ("hexane", 100)
    ]
    return write(tmp_path / "reactions.csv", rows)


def space_of(path):
    return bo.Space.from_csv(path, descriptors=["polarity", "family"])


def test_descriptors_are_columns_and_no_parameters(reactions):
    space = space_of(reactions)
    assert space.names == ("solvent", "heat")
    assert set(space.parameters) == {"solvent", "heat"}
    assert (space.n_columns, space.n_points, space.n_chosen) == (4, 14, 2)
    for coords in space.table:
        row = space.to_rows(coords[None])[0]
        params = space.decode(row)
        assert set(params) == {"solvent", "heat"}
        np.testing.assert_array_equal(space.encode(params), row)
        low, high = min(SOLVENTS.values()), max(SOLVENTS.values())
        assert row[2] == pytest.approx((SOLVENTS[params["solvent"]] - low) / (high - low))
        assert space.contains(params)
    with pytest.raises(ValueError, match="is not in the table, so its descriptors are not known"):
        space.encode({"solvent": "hexane", "heat": 100}, outside=True)
    with pytest.raises(ValueError, match="unknown parameter 'polarity'"):
        space.encode({"solvent": "DMF", "heat": 20, "polarity": 36.7})


def test_a_document_holds_them(reactions):
    space = space_of(reactions)
    again = bo.Space.from_json(json.loads(json.dumps(space.to_json(), allow_nan=False)))
    assert again == space
    assert again.encode({"solvent": "DMF", "heat": 20}).tolist() == (
        space.encode({"solvent": "DMF", "heat": 20}).tolist()
    )
    broken = space.to_json()
    broken["table"][3][1] = 55.5
    with pytest.raises(ValueError, match="'table' has a row that is no point"):
        bo.Space.from_json(broken)


def test_toml_names_the_file_beside_it(reactions):
    spec = reactions.parent / "spec.toml"
    spec.write_text(
        '[candidates]\nfile = "reactions.csv"\ndescriptors = ["polarity", "family"]\n', "utf-8"
    )
    assert bo.Space.from_toml(spec) == space_of(reactions)
    from bayesopt.cli.spec import read_plan

    assert read_plan(spec)[0] == space_of(reactions)
    spec.write_text('[candidates]\nfle = "reactions.csv"\n', "utf-8")
    with pytest.raises(ValueError, match="did you mean 'file'"):
        bo.Space.from_toml(spec)


def test_descriptors_help_where_names_do_not(reactions):
    """The value depends on the polarity: what was learned of one solvent holds for others."""

    def value(p):
        return (SOLVENTS[p["solvent"]] - 40.0) ** 2 / 100 + p["heat"] / 200

    opt = bo.Optimizer(space_of(reactions), seed=0, proposer=QUICK, deterministic=True)
    for _ in range(9):
        trial = opt.ask()
        assert set(trial.params) == {"solvent", "heat"}
        opt.tell(trial, value(trial.params))
    assert opt.best.params == {"solvent": "DMF", "heat": 20}


def test_a_run_is_kept_and_goes_on_to_the_same_points(reactions, tmp_path):
    path = tmp_path / "run.db"
    opt = bo.Optimizer(space_of(reactions), seed=2, storage=path, proposer=QUICK)
    other = bo.Optimizer(space_of(reactions), seed=2, proposer=QUICK)
    for _ in range(7):
        a, b = opt.ask(), other.ask()
        assert a.params == b.params
        opt.tell(a, a.params["heat"])
        other.tell(b, b.params["heat"])
    opt.close()
    opt = bo.Optimizer.reopen(path)
    assert opt.ask().params == other.ask().params
    part = opt.ask(fixed={"solvent": "water"})
    assert part.params["solvent"] == "water"
    opt.close()


@pytest.mark.parametrize(
    ("rows", "head", "descriptors", "words"),
    [
        ([], "a,b", [], "has no candidates"),
        (["1,2"], "a,a", [], "each column needs a name of its own"),
        (["1,2", "1"], "a,b", [], "line 3: expected 2 cells; got 1"),
        (["1,2"], "a,b", ["c"], "descriptors: 'c' is not a column of the file"),
        (["1,2"], "a,b", ["a", "b"], "a column must be left that is a parameter"),
        (["1,2", "1,3"], "a,b", ["b"], "with other descriptors too"),
        (["1,2"], "a,b", "b", "descriptors must be a list of names"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, rows, head, descriptors, words):
    path = write(tmp_path / "t.csv", rows, head)
    with pytest.raises((TypeError, ValueError), match=words):
        bo.Space.from_csv(path, descriptors=descriptors)


def test_columns_are_what_their_cells_are(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("\ufeffk, x ,name\r\n1,0.5,a\r\n2,.25,b\r\n\r\n3,1e-1,c\r\n".encode())
    space = bo.Space.from_csv(path)
    assert [space.decode(row) for row in space.to_rows(space.table)] == [
        {"k": 1, "x": 0.5, "name": "a"},
        {"k": 2, "x": 0.25, "name": "b"},
        {"k": 3, "x": 0.1, "name": "c"},
    ]


def test_descriptors_without_a_table_are_refused():
    space = bo.Space(x=bo.Float(0, 1), d=bo.Float(0, 1, role="descriptor"))
    with pytest.raises(ValueError, match="its descriptors are not known"):
        space.encode({"x": 0.5})


class Bounded(Score):
    """Any scores under any upper bounds."""

    def __init__(self, scores, slack):
        self.scores, self.bounds = scores, scores + slack

    def values(self, coords):
        return self.scores[coords[:, 0].astype(int)]

    def optimistic_values(self, coords):
        return self.bounds[coords[:, 0].astype(int)]

    def values_with_gradient(self, coords):
        raise NotImplementedError


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 300), st.integers(0, 10**6), st.sampled_from([0.0, 0.1, 5.0]))
def test_the_best_of_a_long_list_is_found_by_bounds(n, seed, slack):
    rng = np.random.default_rng(seed)
    scores = rng.standard_normal(n)
    scores[rng.random(n) < 0.2] = -np.inf
    score, points = Bounded(scores, slack * rng.random(n)), np.arange(n, dtype=float)[:, None]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listing, "_CHUNK", 7)
        patch.setattr(listing, "_LONG", 1)
        best, _ = listing.best_listed(score, points)
    assert scores[best] == scores.max()


def test_pictures_the_report_and_tables_are_drawn_without_descriptors(reactions, tmp_path):
    pytest.importorskip("matplotlib")
    from bayesopt import plots

    opt = bo.Optimizer(space_of(reactions), seed=0, proposer=QUICK)
    for _ in range(8):
        trial = opt.ask()
        opt.tell(trial, SOLVENTS[trial.params["solvent"]] + trial.params["heat"])
    result = opt.result()
    for draw in (plots.parallel, plots.slices, plots.convergence):
        draw(result)
    result.report(tmp_path / "report.html")
    result.to_csv(tmp_path / "trials.csv")
    assert "polarity" not in (tmp_path / "trials.csv").read_text("utf-8")


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_the_table_of_all_candidates_says_what_is_to_be_run(tmp_path, direction):
    path, plan = tmp_path / "c.csv", tmp_path / "plan.csv"
    lines = [f"{s},{t},{e}" for s, e in (("a", 1.0), ("=b", 2.0)) for t in (20, 40, 60)]
    path.write_text("\n".join(["solvent,t,e", *lines]))
    opt = bo.Optimizer(
        bo.Space.from_csv(path, descriptors=["e"]), direction=direction, seed=0, deterministic=True
    )

    def written():
        opt.write_priorities(plan)
        with plan.open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert list(rows[0]) == [
            *("solvent", "t", "value", "priority", "predicted_mean", "predicted_sd")
        ]
        assert len(rows) == 6
        return rows

    assert {(r["priority"], r["predicted_mean"], r["value"]) for r in written()} == {("0", "", "")}
    for value in (3.0, 1.0):
        opt.tell(opt.ask(), value)
    opt.tell_failure(opt.ask(), "spilled")
    asked = opt.ask()
    rows = written()
    assert [r["priority"] for r in rows] == ["1", "0", "0", "-1", "-1", "-1"]
    assert int(rows[0]["t"]) == asked.params["t"]
    assert sorted(r["value"] for r in rows) == ["", "", "", "", "1.0", "3.0"]
    means = [float(r["predicted_mean"]) for r in rows]
    np.testing.assert_allclose(means[0], opt.predict(asked.params).mean)
    assert means[1:3] == sorted(means[1:3], reverse=direction == "maximize")
    opt.abandon(asked, "lost", retry=False)
    assert [r["priority"] for r in written()] == ["0", "0", "0", "-1", "-1", "-1"]

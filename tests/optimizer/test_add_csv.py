"""Results of a table of one's own: what is understood, what is refused, and our own table back."""

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.sheet import read_sheet, without_unit
from bayesopt.trial import TrialState

SPACE = bo.Space(
    temperature=bo.Float(20.0, 120.0),
    n=bo.Int(1, 9),
    kind=bo.Categorical(["a", None, "1,5"]),
    depth=bo.Categorical([None, 2, 4], when={"kind": "a"}),
)


def begun(**options):
    limits = {"outcome_constraints": {"impurity": "<= 0.5"}}
    return bo.Optimizer(SPACE, seed=0, proposer=bo.RandomSearch(), **limits, **options)


def table(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "old.csv"
    path.write_bytes(text.encode(encoding))
    return path


points = st.fixed_dictionaries(
    {"temperature": st.floats(20, 120), "n": st.integers(1, 9)}
).flatmap(
    lambda p: st.one_of(
        st.sampled_from([{**p, "kind": None}, {**p, "kind": "1,5"}]),
        st.sampled_from([{**p, "kind": "a", "depth": d} for d in (None, 2, 4)]),
    )
)
results = st.one_of(
    st.just(math.nan),
    st.fixed_dictionaries(
        {"value": st.floats(-1e9, 1e9)},
        optional={
            "impurity": st.floats(0, 1),
            "sd": st.floats(0.1, 2),
            "cost": st.integers(0, 5),
            "info": st.sampled_from([{"a": [1, None]}, "=1", 3]),
        },
    ),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(points, results), min_size=1, max_size=8))
def test_our_own_table_comes_back_without_loss(tmp_path, observations):
    opt, other = begun(), begun()
    opt.add_observations(observations)
    opt.ask()  # a row without a result is no observation
    path = tmp_path / "trials.csv"
    opt.result().to_csv(path)
    other.add_csv(path, again=True)
    told = [(t.params, t.state, t.outcome) for t in opt.trials[:-1]]
    assert [(t.params, t.state, t.outcome) for t in other.trials] == told
    assert other.add_csv(path) == []  # the run has them all


def test_a_spreadsheet_of_another_country(tmp_path):
    text = (
        "temperature [°C];n;kind;depth;value;impurity;operator\r\n"
        '80,5;3;a;2;47,25;0,1;MK\r\n;;;;;;\r\n"90";4;1,5;;failed;;\r\n'
    )
    opt = begun()
    path = table(tmp_path, text, "utf-8-sig")
    with pytest.raises(ValueError, match=r"'temperature \[°C\]'.*ignore_units=True"):
        opt.add_csv(path)
    with pytest.raises(ValueError, match=r"'operator' is neither.*ignore_columns=True"):
        opt.add_csv(path, ignore_units=True)
    first, second = opt.add_csv(path, ignore_units=True, ignore_columns=True)
    assert dict(first.params) == {"temperature": 80.5, "n": 3, "kind": "a", "depth": 2}
    assert (first.value, dict(first.outcome.constraints)) == (47.25, {"impurity": 0.1})
    assert (second.state, dict(second.params)) == (
        TrialState.FAILED,
        {"temperature": 90.0, "n": 4, "kind": "1,5"},
    )


def test_every_bad_line_is_named_and_nothing_is_taken(tmp_path):
    rows = ["80,3,,,1", "130,3,,,1", "80,much,,,1", "80,3,,,high", "80,3,,,", "80,3", "80,3,b,,1"]
    path = table(tmp_path, "temperature,n,kind,depth,value\n" + "\n".join(rows))
    text = path.read_text().replace(",,,1", ',"1,5",,1').replace(",,,", ',"1,5",,')
    path.write_text(text)
    opt = begun()
    with pytest.raises(ValueError, match="nothing was taken") as refused:
        opt.add_csv(path)
    said = str(refused.value).splitlines()[1:]
    wanted = [
        "line 3: temperature",
        "line 4: n: expected a number; got 'much'",
        "line 5: value: expected a number; got 'high'",
        "line 6: it has no value",
        "line 7: it has 2 cells; the first line has 5",
        "line 8: kind: expected one of",
    ]
    assert len(said) == len(wanted)
    for line, start in zip(said, wanted, strict=True):
        assert line.strip().startswith(start)
    assert "outside=True" in said[0]
    assert opt.trials == ()


def test_rows_outside_are_kept_when_it_is_said(tmp_path):
    opt = begun()
    path = table(tmp_path, 'temperature,n,kind,value\n130,3,"1,5",9\n80,3,"1,5",1\n')
    opt.add_csv(path, outside=True)
    assert [t.params["temperature"] for t in opt.trials] == [130.0, 80.0]
    assert opt.best.value == 1.0


def test_a_growing_table_is_added_again(tmp_path):
    opt = begun()
    rows = ['80,3,"1,5",60', '80,3,"1,5",60', '80,3,"1,5",62']
    path = table(tmp_path, "temperature,n,kind,value\n" + "\n".join(rows[:2]))
    assert len(opt.add_csv(path)) == 2  # two replicates that are equal
    path = table(tmp_path, "temperature,n,kind,value\n" + "\n".join(rows))
    assert [t.value for t in opt.add_csv(path)] == [62.0]
    assert len(opt.add_csv(path, again=True)) == 3


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("temperature [°C]", "temperature"),
        ("time (h)", "time"),
        ("flow / mL", "flow"),
        ("plain", "plain"),
        ("a[b] c", "a[b] c"),
    ],
)
def test_units_in_headings(heading, name):
    assert without_unit(heading) == name


@given(
    st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=5),
            min_size=2,
            max_size=2,
        ),
        max_size=4,
    ),
    st.sampled_from([",", ";", "\t"]),
)
def test_a_table_is_read_as_it_was_written(rows, separator):
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerows([["a", "b"], *rows])
    sheet = read_sheet("\ufeff" + out.getvalue().replace('"a"', "a").replace('"b"', "b"), "it")
    assert sheet.separator == separator
    found = [[row["a"], row["b"]] for row in sheet.rows.values()]
    assert found == [row for row in rows if any(map(str.strip, row))]


def test_several_objectives_by_name(tmp_path):
    space = {"x": bo.Float(0, 1)}
    wanted = {"error": "minimize", "speed": "maximize"}
    opt = bo.Optimizer(space, seed=0, objectives=wanted)
    path = table(tmp_path, "x;error;speed\n0,5;1,5;9\n0,25;failed;\n")
    first, second = opt.add_csv(path)
    assert dict(first.outcome.objectives) == {"error": 1.5, "speed": 9.0}
    assert second.state is TrialState.FAILED
    opt.result().to_csv(path)
    other = bo.Optimizer(space, seed=0, objectives=wanted)
    assert [t.outcome for t in other.add_csv(path)] == [first.outcome, None]

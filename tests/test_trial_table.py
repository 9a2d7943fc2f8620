"""Trials as a table: into CSV and back without loss, whatever the names and the values."""

import csv
import io
import json
import math
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt import trial_table
from bayesopt.cells import ABSENT, Cells
from bayesopt.storage import record
from bayesopt.testing.spaces import each_space, named, some_points

TEXTS = st.text(max_size=12) | st.sampled_from(
    ["", "None", "nan", "True", "1", "1.0", "=1+1", "'", '"', "a,b", "a\r\nb", "\x1b[2J", "#1"]
)
VALUES = st.one_of(TEXTS, st.none(), st.booleans(), st.integers(-9, 9), st.floats(allow_nan=False))
NAMES = st.text(min_size=1, max_size=8) | st.sampled_from(
    ["value", "error", "param:x", "constraint:x", "asked:x", "=x", "a,b", "\x1b[2J", "nan"]
)
JSON = st.recursive(
    VALUES.filter(lambda v: not isinstance(v, float) or math.isfinite(v)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


def reread(result):
    return trial_table.read_csv(result.to_csv(), result.space, "the file")


def read_back(result, tmp_path):
    path = tmp_path / "trials.csv"
    result.to_csv(path)
    return bo.Result.from_csv(path, result.space, direction=result.direction)


@given(st.lists(VALUES, min_size=1, max_size=8))
def test_every_choice_has_a_text_of_its_own(values):
    try:
        parameter = bo.Categorical(values)
    except ValueError:  # some are the same choice
        return
    cells = Cells(parameter)
    texts = [cells.write(choice) for choice in parameter.choices]
    assert len(set(texts)) == len(texts)
    assert "" not in texts
    for choice, text in zip(parameter.choices, texts, strict=True):
        read = cells.read(text)
        assert type(read) is type(choice)
        assert read == choice


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_keeps_its_last_bit(value):
    parameter = bo.Float(-1.0, 1.0)
    assert Cells(parameter).read(Cells(parameter).write(value)) == value


@settings(max_examples=25)
@given(name=each_space, seed=st.integers(0, 10**6))
def test_points_of_every_space_come_back(name, seed):
    space = named(name)
    opt = bo.Optimizer(space, seed=0)
    points = [space.decode(row) for row in space.to_rows(some_points(space, 5, seed))]
    opt.add_observations([(p, i) for i, p in enumerate(points)])
    result = opt.result()
    assert reread(result) == result.trials


@given(
    names=st.lists(NAMES, min_size=1, max_size=3, unique=True),
    choices=st.lists(VALUES, min_size=2, max_size=4, unique_by=lambda v: (type(v), v)),
    constraint=NAMES, info=JSON, error=TEXTS, data=st.data(),
)  # fmt: skip
def test_hostile_names_choices_errors_and_infos_come_back(
    names,
    choices,
    constraint,
    info,
    error,
    data,
):
    space = bo.Space({name: bo.Categorical(choices) for name in names})
    opt = bo.Optimizer(space, seed=0, proposer=bo.RandomSearch())
    opt.enqueue([{name: data.draw(st.sampled_from(choices)) for name in names}] * 3)
    given = {"constraints": {constraint: -1.0}, "sds": {constraint: 0.5}, "info": info}
    opt.tell(opt.ask(), {"value": 1.5, "sd": 0.1, **given})
    opt.tell_failure(opt.ask(), error)
    opt.ask()
    result = opt.result()
    again = reread(result)
    assert again == result.trials
    stamps = [(t.start, t.seconds, t.worker) for t in result.trials]
    assert [(t.start, t.seconds, t.worker) for t in again] == stamps


def test_where_it_was_run_and_what_is_violated_come_back(tmp_path):
    opt = bo.Optimizer({"x": bo.Float(0, 1)}, seed=0, outcome_constraints=["c"])
    opt.enqueue({"x": 0.5})
    opt.tell(opt.ask(), 1.0, as_run={"x": 1.5})
    opt.add_observation({"x": 0.25}, {"value": 2.0, "constraints": {"c": 1.0}})
    opt.add_observation({"x": 0.25}, 2.0)
    result = opt.result()
    assert result.trials[0].asked == {"x": 0.5}
    assert result.trials[2].violated == ("c",)
    assert read_back(result, tmp_path).trials == result.trials


def test_none_and_inactive_are_different_cells():
    space = bo.Space(
        model=bo.Categorical(["mlp", "forest"]),
        depth=bo.Categorical([None, 2], when={"model": "forest"}),
    )
    opt = bo.Optimizer(space, seed=0)
    opt.add_observations([({"model": "mlp"}, 1.0), ({"model": "forest", "depth": None}, 2.0)])
    rows = list(csv.DictReader(io.StringIO(opt.result().to_csv())))
    assert [row["depth"] for row in rows] == ["", "None"]


def test_other_programs_write_nothing_in_many_ways(tmp_path):
    """A table of one's own needs the parameters and the value, and no more."""
    space = bo.Space(
        kind=bo.Categorical(["a", "b"]),
        depth=bo.Categorical([None, 2.0], when={"kind": "a"}),
        on=bo.Boolean(),
        x=bo.Float(0, 1, when={"kind": "a"}),
    )
    path = tmp_path / "own.csv"
    path.write_text(
        "\ufeffkind,x,depth,on,value\r\nb,nan,NaN,TRUE,1\r\nb,,None,false,2.5\r\na,1,2,True,\r\n"
        "a,0.5,None,True,0\r\n"
    )
    result = bo.Result.from_csv(path, space, direction="maximize")
    assert [dict(t.params) for t in result.trials] == [
        {"kind": "b", "on": True},
        {"kind": "b", "on": False},
        {"kind": "a", "x": 1.0, "depth": 2.0, "on": True},
        {"kind": "a", "x": 0.5, "depth": None, "on": True},
    ]
    assert [t.state.name for t in result.trials] == ["COMPLETE", "COMPLETE", "FAILED", "COMPLETE"]
    assert result.value == 2.5


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("x,value\n", None),
        ("x,x,value\n", "two columns 'x'"),
        ("y,value\n1,2\n", "column 'y' is neither a parameter nor known"),
        ("x,value\n0.5\n", "row 2: it has 1 cells"),
        ("x,value\n0.5,1\nlow,2\n", "row 3: x: expected a number; got 'low'"),
        ("x,value\n,1\n", "row 2: it has no point"),
        ("x,value\n0.5,inf\n", "row 2: 'value' must be a finite number"),
        ("x,value,sd\n0.5,1,-1\n", "row 2: 'sd' must be > 0"),
        ("x,value,state\n0.5,1,done\n", "row 2: expected one of"),
        ("x,value,state\n0.5,1,failed\n", "row 2: a trial that is failed cannot have a value"),
        ("x,value,number\n0.5,1,7\n", "row 2: its number is 7"),
        ("x,value,info\n0.5,1,{\n", "row 2: expected JSON"),
        ("x,value,start\n0.5,1,noon\n", "row 2: "),
        ('x,value\n0.5,"1\n', "is no CSV"),
    ],
)
def test_what_is_no_table_of_trials_is_refused(text, says, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(text)
    if says is None:
        assert bo.Result.from_csv(path, {"x": bo.Float(0, 1)}).trials == ()
        return
    with pytest.raises(ValueError, match=r"t\.csv") as caught:
        bo.Result.from_csv(path, {"x": bo.Float(0, 1)})
    assert says in str(caught.value)


@given(st.text(max_size=80))
def test_no_text_raises_anything_but_a_value_error(text):
    space = bo.Space(x=bo.Float(0, 1))
    for whole in (text, f"x,value,state,start,info\n{text}"):
        with suppress(ValueError):
            trial_table.read_csv(whole, space, "a file")


def test_a_result_begins_another_run(tmp_path):
    first = bo.Optimizer({"x": bo.Float(0, 1)}, seed=0)
    for value in (3.0, math.nan, 1.0):
        first.tell(first.ask(), value)
    first.ask()  # pending: nothing is known of it
    again = read_back(first.result(), tmp_path)
    second = bo.Optimizer({"x": bo.Float(0, 1)}, seed=1)
    added = second.add_observations(again.observations())
    assert [t.value for t in added] == [3.0, None, 1.0]
    assert [t.params for t in added] == [t.params for t in first.trials[:3]]


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_data_frame_has_the_columns_of_the_csv(library):
    module = pytest.importorskip(library)
    space = bo.Space(
        kind=bo.Categorical(["a", "b"]),
        depth=bo.Categorical([None, 2], when={"kind": "a"}),
        k=bo.Int(0, 5, when={"kind": "b"}),
    )
    opt = bo.Optimizer(space, seed=0)
    points = [{"kind": "b", "k": 3}, {"kind": "a", "depth": None}, {"kind": "a", "depth": 2}]
    opt.add_observations([(p, i) for i, p in enumerate(points, 1)])
    opt.tell_failure(opt.ask(), "no")
    result = opt.result()
    frame = result.to_dataframe(library)
    assert isinstance(frame, module.DataFrame)
    assert list(frame.columns) == next(csv.reader(io.StringIO(result.to_csv())))
    assert list(frame["value"])[:3] == [1.0, 2.0, 3.0]
    assert list(frame["depth"])[1:3] == ["None", "2"]
    assert next(iter(frame["k"])) == 3


def test_a_data_frame_of_a_library_that_is_missing_names_the_extra(monkeypatch):
    result = bo.Optimizer({"x": bo.Float(0, 1)}, seed=0).result()

    def missing(name):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(trial_table, "import_module", missing)
    for library, extra in ((None, "pandas"), ("pandas", "pandas"), ("polars", "polars")):
        with pytest.raises(ImportError, match=rf"bayesopt-engine\[{extra}\]"):
            result.to_dataframe(library)
    with pytest.raises(ValueError, match="library"):
        result.to_dataframe("excel")
    made = SimpleNamespace(DataFrame=dict)
    monkeypatch.setattr(trial_table, "import_module", lambda name: made)
    assert result.to_dataframe()["value"] == []


def test_a_trial_has_its_start_its_seconds_and_its_worker(tmp_path):
    before = datetime.now(UTC)
    opt = bo.Optimizer({"x": bo.Float(0, 1)}, seed=0, storage=tmp_path / "run.db")
    trial = opt.ask()
    assert before - timedelta(seconds=1) <= trial.start <= datetime.now(UTC)
    assert trial.seconds is None
    assert ":" in trial.worker
    told = opt.tell(trial, 1.0)
    assert told.start == trial.start
    assert 0 <= told.seconds <= (datetime.now(UTC) - before).total_seconds() + 1
    added = opt.add_observation({"x": 0.5}, 2.0)
    assert (added.start, added.seconds, added.worker) == (None, None, None)
    opt.close()
    again = bo.Optimizer.reopen(tmp_path / "run.db").trials
    assert (again[0].start, again[0].seconds, again[0].worker) == (
        told.start, told.seconds, told.worker
    )  # fmt: skip
    written = json.loads(json.dumps(bo.Optimizer.reopen(tmp_path / "run.db").result().to_dict()))
    assert datetime.fromisoformat(written["trials"][0]["start"]) == told.start


def test_a_trial_that_was_lost_starts_anew(monkeypatch):
    opt = bo.Optimizer({"x": bo.Float(0, 1)}, seed=0)
    clock = iter([100.0, 200.0, 300.0, 450.0])
    monkeypatch.setattr(record, "time", SimpleNamespace(time=lambda: next(clock)))
    trial = opt.ask()
    assert trial.start.timestamp() == 100.0
    assert opt.abandon(trial, "lost").seconds is None
    trial = opt.ask()
    assert trial.start.timestamp() == 300.0  # a loss, and the ask that follows it
    assert opt.tell(trial, 1.0).seconds == 150.0


@pytest.mark.parametrize("stamp", [-1e300, 1e300, 1e18])
def test_an_impossible_time_is_no_time(stamp):
    opt = bo.Optimizer({"x": bo.Float(0, 1)}, seed=0)
    opt.storage.append(
        {"kind": "asked", "number": 0, "row": [0.5], "origin": "INITIAL", "time": stamp}
    )
    assert opt.trials[0].start is None
    assert opt.tell(0, 1.0).seconds is None


def test_absent_prints_as_what_it_is():
    assert repr(ABSENT) == "ABSENT"

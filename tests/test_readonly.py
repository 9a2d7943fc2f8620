"""Records that cannot be changed: dicts and lists to all who read, and copies of one's own."""

import copy
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.readonly import ReadOnlyDict, ReadOnlyList, read_only
from tests.laws.hostile import nested

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
CHANGES = {
    "item": lambda d: d.__setitem__("x", 1),
    "del": lambda d: d.__delitem__("x"),
    "pop": lambda d: d.pop("x"),
    "popitem": lambda d: d.popitem(),
    "clear": lambda d: d.clear(),
    "update": lambda d: d.update(x=1),
    "setdefault": lambda d: d.setdefault("y", 1),
    "or": lambda d: d.__ior__({"x": 1}),
}
LIST_CHANGES = {
    "item": lambda v: v.__setitem__(0, 1),
    "del": lambda v: v.__delitem__(0),
    "append": lambda v: v.append(1),
    "extend": lambda v: v.extend([1]),
    "insert": lambda v: v.insert(0, 1),
    "pop": lambda v: v.pop(),
    "remove": lambda v: v.remove(1),
    "clear": lambda v: v.clear(),
    "sort": lambda v: v.sort(),
    "reverse": lambda v: v.reverse(),
    "add": lambda v: v.__iadd__([1]),
    "times": lambda v: v.__imul__(2),
}


@given(json_values)
def test_a_record_is_read_as_what_it_was_made_of(value):
    record = read_only(value)
    assert record == value
    assert json.dumps(record) == json.dumps(value)
    assert pickle.loads(pickle.dumps(record)) == value
    assert type(pickle.loads(pickle.dumps(record))) is type(record)
    assert read_only(record) is record or not isinstance(record, (dict, list))


@given(json_values)
def test_a_deep_copy_is_plain_at_any_depth(value):
    def kinds(v):
        yield type(v)
        for item in v.values() if isinstance(v, dict) else v if isinstance(v, list) else ():
            yield from kinds(item)

    assert not {ReadOnlyDict, ReadOnlyList} & set(kinds(copy.deepcopy(read_only(value))))
    assert copy.deepcopy(read_only(value)) == value


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_no_change_of_a_dict(change):
    record = read_only({"x": 1})
    with pytest.raises(TypeError, match="cannot be changed"):
        change(record)
    assert record == {"x": 1}
    assert type(copy.copy(record)) is type(record.copy()) is dict
    assert type(record | {}) is dict


@pytest.mark.parametrize("change", LIST_CHANGES.values(), ids=LIST_CHANGES)
def test_no_change_of_a_list(change):
    record = read_only([1])
    with pytest.raises(TypeError, match="cannot be changed"):
        change(record)
    assert record == [1]
    assert type(copy.copy(record)) is list


def test_what_is_too_deep_is_refused():
    with pytest.raises(ValueError, match="nested too deeply"):
        read_only(nested(100_000))
    loop = []
    loop.append(loop)
    with pytest.raises(ValueError, match="within itself"):
        read_only(loop)


def test_nobody_changes_a_trial_of_an_optimizer():
    opt = bo.Optimizer(bo.Space(x=bo.Float(0, 1), kind=bo.Categorical(["a", "b"])), seed=0)
    given_info = {"curve": [1, 2], "by": {"name": "me"}}
    trial = opt.ask()
    told = opt.tell(trial, {"value": 1.0, "constraints": {"c": -1.0}, "info": given_info})
    given_info["curve"].append(3)
    for change in (
        lambda: trial.params.pop("kind"),
        lambda: told.params.update(x=9),
        lambda: told.outcome.constraints.clear(),
        lambda: told.outcome.info["curve"].append(3),
        lambda: told.outcome.info["by"].update(name="you"),
        lambda: opt.trials[0].params.clear(),
        lambda: opt.best.params.clear(),
    ):
        with pytest.raises(TypeError, match="cannot be changed"):
            change()
    assert told.outcome.info == {"curve": [1, 2], "by": {"name": "me"}}
    assert dict(**trial.params) == trial.params == opt.trials[0].params

    written = opt.result().to_dict()  # this one is the caller's
    written["best"]["params"]["x"] = 9
    written["best"]["info"]["curve"].append(9)
    assert opt.result().to_dict()["best"]["info"]["curve"] == [1, 2]
    assert opt.space.contains(opt.best.params)
    assert pickle.loads(pickle.dumps(told)) == told

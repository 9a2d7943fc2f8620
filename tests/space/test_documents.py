"""Spaces in JSON and TOML."""

import json

import pytest

from bayesopt.space import (
    Boolean,
    Categorical,
    Constant,
    Float,
    Int,
    LinearConstraint,
    Ordinal,
    Space,
)

WRITTEN = """
[space.lr]
type = "float"
low = 1e-5
high = 1e-1
log = true

[space.momentum]
type = "float"
low = 0
high = 0.9
step = 0.1
default = 0.3

[space.depth]
type = "int"
low = 1
high = 12
when = {booster = "tree"}

[space.booster]
type = "categorical"
choices = ["tree", "linear", {json = "null"}, 1, true, 1.0, [64, 32]]
default = {json = "null"}

[space.size]
type = "ordinal"
values = ["s", "m", "l"]
positions = [0, 1, 10]
when = {booster = [{json = "null"}, [64, 32]], flag = true}

[space.flag]
type = "boolean"

[space.epochs]
type = "constant"
value = 20

[[constraints]]
coefficients = {lr = 10, depth = 1}
upper = 12.5
"""

MEANT = Space(
    lr=Float(1e-5, 1e-1, log=True),
    momentum=Float(0, 0.9, step=0.1, default=0.3),
    depth=Int(1, 12, when={"booster": "tree"}),
    booster=Categorical(["tree", "linear", None, 1, True, 1.0, (64, 32)], default=None),
    size=Ordinal(
        ["s", "m", "l"], positions=[0, 1, 10], when={"booster": [None, (64, 32)], "flag": True}
    ),
    flag=Boolean(),
    epochs=Constant(20),
    constraints=[LinearConstraint({"lr": 10, "depth": 1}, upper=12.5)],
)


def test_toml_is_read_from_text_file_and_mapping(tmp_path):
    path = tmp_path / "space.toml"
    path.write_text(WRITTEN, encoding="utf-8")
    assert Space.from_toml(WRITTEN) == MEANT
    assert Space.from_toml(path) == MEANT
    assert Space.from_toml(str(path)) == MEANT
    only_one = {"space": {"x": {"type": "float", "low": 0, "high": 1}}}
    assert Space.from_toml(only_one) == Space(x=Float(0, 1))


def test_json_is_exact_and_ordered():
    written = json.dumps(MEANT.to_json(), allow_nan=False, sort_keys=True)
    again = Space.from_json(json.loads(written))
    assert again == MEANT
    assert again.columns == MEANT.columns


def test_json_says_only_what_is_not_the_default():
    space = Space(x=Float(0, 1), k=Boolean(when={"n": 2}), n=Int(1, 9, log=True))
    assert space.to_json() == {
        "parameters": [
            {"name": "x", "type": "float", "low": 0.0, "high": 1.0},
            {"name": "k", "type": "boolean", "when": {"n": [2]}},
            {"name": "n", "type": "int", "low": 1, "high": 9, "log": True},
        ]
    }


def test_parameters_may_be_an_object_when_written_by_hand():
    by_hand = {"parameters": {"x": {"type": "float", "low": 0, "high": 1}}}
    assert Space.from_json(by_hand) == Space(x=Float(0, 1))


def test_other_sections_are_allowed_by_name():
    text = "[space.x]\ntype='float'\nlow=0\nhigh=1\n[run]\nn_trials=3\n"
    assert Space.from_toml(text, other=["run"]) == Space(x=Float(0, 1))
    with pytest.raises(ValueError, match="unknown key 'run'"):
        Space.from_toml(text)


X = "[space.x]\ntype='float'\nlow=0\nhigh=1\n"


@pytest.mark.parametrize(
    ("text", "error", "fragments"),
    [
        ("[spce.x]\ntype='float'", ValueError, ["'spce'", "did you mean 'space'"]),
        (X + "[[constraint]]\nupper=1", ValueError, ["'constraint'", "'constraints'"]),
        ("[space.x]\ntype='flaot'\nlow=0", ValueError, ["x:", "did you mean 'float'"]),
        ("[space.x]\nlow=0\nhigh=1", ValueError, ["x:", "'type' must be one of"]),
        ("[space.x]\ntype='float'\nlow=0\nhihg=1", ValueError, ["x:", "did you mean 'high'"]),
        ("[space.x]\ntype='float'\nlow=0", ValueError, ["x:", "'high' is missing"]),
        ("[space.x]\ntype='float'\nlow=2\nhigh=1", ValueError, ["x:", "swap"]),
        (
            "[space.x]\ntype='float'\nlow='0'\nhigh=1",
            TypeError,
            ["x:", "low must be a finite number"],
        ),
        ("[space.x]\ntype='float'\nlow=-inf\nhigh=1", ValueError, ["x:", "finite"]),
        ("[space.x]\ntype='categorical'\nchoices=['a']", ValueError, ["x:", "Constant('a')"]),
        ("[space.x]\ntype='categorical'\nchoices=[1979-05-27, 2]", TypeError, ["x:", "1979"]),
        ("[space.x]\ntype='categorical'\nchoices=[{jsn='1'}, 2]", ValueError, ["x:", "json"]),
        ("[space.x]\ntype='categorical'\nchoices=[{json='nul'}, 2]", ValueError, ["x:", "'nul'"]),
        ("[space.x]\ntype='boolean'\nwhen='y'", TypeError, ["x:", "when must map"]),
        (X + "[space.y]\ntype='boolean'\nwhen={z=1}", ValueError, ["y:", "'z'"]),
        ("[space]\nx = 3", TypeError, ["x:", "table"]),
        ("space = 3", TypeError, ["[space.NAME]", "3"]),
        (X + "[constraints]\nupper=1", TypeError, ["[[constraints]]"]),
        (X + "[[constraints]]\nupper=1", ValueError, ["constraint 0", "'coefficients'"]),
        (
            X + "[[constraints]]\nsumm=['x']\nequals=1",
            ValueError,
            ["constraint 0", "'sum'", "'at_most'", "'summ'"],
        ),
        (
            X + "[[constraints]]\ncoefficients={x=1}\nuper=1",
            ValueError,
            ["constraint 0", "did you mean 'upper'"],
        ),
        (X + "[[constraints]]\ncoefficients={xx=1}\nupper=1", ValueError, ["unknown", "'xx'"]),
    ],
)
def test_a_mistake_in_a_file_is_told_by_name(text, error, fragments):
    with pytest.raises(error) as caught:
        Space.from_toml(text)
    for fragment in fragments:
        assert fragment in str(caught.value)


@pytest.mark.parametrize(
    ("data", "error", "fragment"),
    [
        ([], TypeError, "keys and values"),
        ({}, ValueError, "'parameters' is missing"),
        ({"parameter": []}, ValueError, "did you mean 'parameters'"),
        ({"parameters": 3}, TypeError, "list of objects"),
        ({"parameters": [{"type": "boolean"}]}, ValueError, "with a 'name'"),
        ({"parameters": [{"name": "x", "type": "boolean"}] * 2}, ValueError, "x: listed twice"),
        ({"parameters": [{"name": "x", "type": "boolean"}], "table": []}, ValueError, "'table'"),
        ({"parameters": [{"name": "x", "type": "boolean"}], "table": [[2]]}, ValueError, "index"),
    ],
)
def test_json_that_is_no_space_is_refused(data, error, fragment):
    with pytest.raises(error, match=fragment):
        Space.from_json(data)


def test_what_json_cannot_hold_is_said():
    with pytest.raises(ValueError, match="is a function, which JSON cannot hold"):
        Space(x=Float(0, 1), constraints=[lambda p: True]).to_json()
    with pytest.raises(ValueError, match=r"c: .*float.*is not a JSON value"):
        Space(c=Categorical([float, int])).to_json()
    with pytest.raises(ValueError, match="c: inf"):
        Space(c=Categorical([float("inf"), 1])).to_json()

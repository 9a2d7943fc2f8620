"""What is printed of a run is for persons: short, safe, without the reprs of NumPy."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.text import printable

HOSTILE = "<script>alert(1)</script>\x1b[2J\n&\u202e"


class Tags(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes = set(), []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs


def of_a_run(name, choices, error):
    space = bo.Space({name: bo.Categorical(choices), "x": bo.Float(0, 1)})
    opt = bo.Optimizer(space, seed=0, proposer=bo.RandomSearch())
    opt.tell(opt.ask(), {"value": 1 / 3, "constraints": {name: -1.0}})
    opt.tell_failure(opt.ask(), error)
    opt.ask()
    return [opt, opt.result(), *opt.trials, space]


@settings(max_examples=30)
@given(
    st.text(min_size=1).filter(lambda t: t != "x") | st.just(HOSTILE),
    st.text() | st.just(HOSTILE),
)
def test_hostile_names_choices_and_errors_are_only_text(name, error):
    for thing in of_a_run(name, [name, None, error + "!"], error):
        text, html = repr(thing), thing._repr_html_()
        assert text == printable(text)
        assert "np." not in text + html or "np." in name + error
        found = Tags(html)
        assert found.tags <= {"div", "p", "table", "thead", "tr", "th", "td"}
        assert not found.attributes


def test_a_result_says_what_a_person_asks():
    opt = bo.Optimizer({"x": bo.Float(0, 1)}, seed=0, deterministic=True)
    for value in (3.0, float("nan"), 1 / 3):
        opt.tell(opt.ask(), value)
    opt.add_observation({"x": 0.5}, 2.0)
    text = repr(opt.result(bo.Stop.N_TRIALS))
    assert "minimize, 4 trials (1 failed, 1 added); all trials were spent" in text
    assert re.search(r"^ +best and recommended$", text, re.M)
    assert re.search(r"^trial +2$", text, re.M)
    assert re.search(r"^value +0\.333333$", text, re.M)
    assert re.search(r"^x +\S+$", text, re.M)


def test_the_recommended_trial_is_shown_where_it_is_another_one():
    opt = bo.Optimizer({"x": bo.Float(0, 1)}, seed=0)
    for value in (3.0, 1.0):
        opt.tell(opt.ask(), value)
    text = repr(replace(opt.result(), recommended=opt.trials[0]))
    assert re.search(r"^ +best +recommended$", text, re.M)
    assert re.search(r"^trial +1 +0$", text, re.M)
    assert re.search(r"^value +1 +3$", text, re.M)


def test_a_result_of_many_trials_is_as_short_as_of_few():
    opt = bo.Optimizer({"x": bo.Float(0, 1)}, seed=0)
    opt.add_observations([({"x": i / 300}, 1.0) for i in range(300)])
    assert len(repr(opt.result()).splitlines()) <= 5
    assert len(repr(opt)) < 400


@pytest.mark.parametrize("n", [0, 1])
def test_without_a_success_it_says_so(n):
    opt = bo.Optimizer({"x": bo.Float(0, 1)}, seed=0)
    for _ in range(n):
        opt.tell_failure(opt.ask(), "bad")
    for thing in (opt, opt.result()):
        assert "no trial has a feasible value" in repr(thing)
        assert "no trial has a feasible value" in thing._repr_html_()


def test_a_prediction_of_many_points_is_cut():
    opt = bo.Optimizer({"x": bo.Float(0, 1)}, seed=0)
    for _ in range(3):
        trial = opt.ask()
        opt.tell(trial, trial.params["x"])
    many = opt.predict([{"x": i / 99} for i in range(100)])
    assert "100 points" in repr(many)
    assert len(repr(many).splitlines()) < 20
    one = opt.predict({"x": 0.5})
    assert f"{one.mean[0]:.6g}" in repr(one)
    assert "array" not in repr(one)


def test_an_optimizer_that_could_not_be_made_prints():
    assert repr(object.__new__(bo.Optimizer)) == "Optimizer without a run"


def test_a_closed_optimizer_prints(tmp_path):
    opt = bo.Optimizer({"x": bo.Float(0, 1)}, seed=0, storage=tmp_path / "run.db")
    opt.tell(opt.ask(), 1.0)
    opt.close()
    assert "1 trial" in repr(opt)
    assert "run.db" in repr(opt)

"""An evaluation that lacks a constraint is no more feasible than its point is known to be."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.optimizer.history_data import run_data

SPACE = bo.Space(x=bo.Ordinal([0, 1, 2]), k=bo.Int(1, 2, when={"x": 1}))

results = st.tuples(
    st.sampled_from([{"x": 0}, {"x": 1, "k": 1}, {"x": 1, "k": 2}, {"x": 2}]),
    st.floats(-5, 5),
    st.dictionaries(st.sampled_from("ab"), st.floats(-1, 1)),
)


def run(found):
    opt = bo.Optimizer(SPACE, seed=0, outcome_constraints=["a", "b"])
    for point, value, constraints in found:
        opt.add_observation(point, {"value": value, "constraints": constraints})
    return opt


def test_a_replicate_of_a_broken_point_is_not_the_best():
    opt = run([({"x": 0}, 1.0, {"a": 0.8}), ({"x": 2}, 3.0, {"a": -1}), ({"x": 0}, 0.5, {})])
    assert opt.trials[2].violated == ("a",)
    assert not opt.trials[2].feasible
    assert opt.best.number == 1
    assert opt.recommended.number == 1
    opt.retract(0, "the wrong sample was measured")
    assert opt.trials[2].violated == ()
    assert opt.best.number == 2


@settings(max_examples=50, deadline=None)
@given(st.lists(results, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_by_its_own_word_or_else_by_the_mean_of_the_others(found, random):
    opt = run(found)
    for trial, (point, _, own) in zip(opt.trials, found, strict=True):
        met = True
        for name in "ab":
            others = [c[name] for p, _, c in found if p == point and name in c]
            known = own.get(name, math.fsum(others) / max(len(others), 1))
            met &= bool(known <= 0)
        assert trial.feasible is met
    assert [t.feasible for t in opt.trials] == list(
        run_data(opt._history, opt.problem).feasible
    )  # the algorithm's word
    order = list(range(len(found)))
    random.shuffle(order)
    again = run([found[i] for i in order])
    assert [again.trials[order.index(i)].feasible for i in order] == [
        opt.trials[i].feasible for i in order
    ]  # whatever came first

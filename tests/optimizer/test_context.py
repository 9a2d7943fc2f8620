"""Context parameters: given with each ask, modelled, never chosen."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bayesopt as bo
from tests.optimizer.running import QUICK

seeds = st.integers(0, 10**6)


def constrained():
    """Design and context parameters of every kind, conditions and a constraint on both."""
    return bo.Space(
        x=bo.Float(0.0, 1.0),
        k=bo.Int(1, 5),
        kind=bo.Categorical(["a", "b"]),
        extra=bo.Float(0.0, 1.0, when={"plant": "north"}),
        humidity=bo.Float(0.0, 1.0, role="context"),
        plant=bo.Categorical(["north", "south"], role="context"),
        load=bo.Ordinal([1, 2, 4], role="context"),
        constraints=[bo.LinearConstraint({"x": 1.0, "humidity": 1.0}, upper=1.5)],
    )


contexts = st.fixed_dictionaries(
    {
        "humidity": st.floats(0.0, 1.0),
        "plant": st.sampled_from(["north", "south"]),
        "load": st.sampled_from([1, 2, 4]),
    }
)


@settings(max_examples=10, deadline=None)
@given(st.lists(contexts, min_size=3, max_size=9), seeds)
def test_a_trial_has_exactly_the_context(listed, seed):
    space = constrained()
    opt = bo.Optimizer(space, seed=seed, proposer=QUICK, initial_design=bo.InitialDesign(n=3))
    for context in listed:
        trial = opt.ask(context=context)
        space.validate(trial.params)
        assert {name: trial.params[name] for name in context} == context
        opt.tell(trial, trial.params["x"])


def test_every_design_is_found_in_a_context_before_it_is_exhausted():
    space = bo.Space(
        a=bo.Int(0, 3), b=bo.Boolean(), plant=bo.Categorical(["n", "s"], role="context")
    )
    opt = bo.Optimizer(space, seed=0, proposer=QUICK)
    for _ in range(8):
        trial = opt.ask(context={"plant": "s"})
        opt.tell(trial, trial.params["a"])
    with pytest.raises(bo.SpaceExhausted):
        opt.ask(context={"plant": "s"})
    assert opt.ask(context={"plant": "n"}).params["plant"] == "n"


@pytest.mark.parametrize(
    ("context", "words"),
    [
        (None, r"the context lacks 'humidity', 'plant', 'load': write context=\{'humidity': "),
        ({"humidity": 0.5}, "the context lacks 'plant', 'load'"),
        ({"humidity": 2.0, "plant": "north", "load": 1}, r"context: humidity: .*\[0.0, 1.0\]"),
        ({"humidity": 0.5, "plant": "west", "load": 1}, "context: plant: expected one of"),
        ({"humidty": 0.5}, "unknown context parameter 'humidty'; did you mean 'humidity'"),
        ({"x": 0.5}, r"x is no context parameter: write fixed=\{'x': 0.5\}"),
        (0.5, "context must be a mapping from names to values"),
    ],
)
def test_a_context_that_does_not_fit_is_refused_and_nothing_is_asked(context, words):
    opt = bo.Optimizer(constrained(), seed=0)
    with pytest.raises((TypeError, ValueError), match=words):
        opt.ask(context=context)
    assert opt.trials == ()


def test_a_context_is_not_fixed_and_other_spaces_have_none():
    opt = bo.Optimizer(constrained(), seed=0)
    with pytest.raises(ValueError, match=r"write context=\{'load': 1\} instead of fixed"):
        opt.ask(fixed={"load": 1})
    plain = bo.Optimizer({"x": bo.Float(0, 1)}, seed=0)
    with pytest.raises(ValueError, match="unknown context parameter 'h'; the space has none"):
        plain.ask(context={"h": 1})
    assert plain.ask(context={}).params == {"x": 0.5}


def test_roles_are_checked_at_the_door():
    with pytest.raises(ValueError, match=r"role must be one of .*did you mean 'context'"):
        bo.Float(0, 1, role="contxt")
    with pytest.raises(TypeError, match="role must be one of"):
        bo.Int(0, 1, role=None)
    with pytest.raises(ValueError, match="a context parameter is always active"):
        bo.Categorical(["a", "b"], role="context", when={"k": 1})


def test_the_initial_design_counts_the_parameters_that_are_chosen():
    many = {f"c{i}": bo.Float(0, 1, role="context") for i in range(9)}
    space = bo.Space({"x": bo.Float(0, 1), **many})
    assert bo.InitialDesign().size(space, None) == bo.InitialDesign().size(
        bo.Space(x=bo.Float(0, 1)), None
    )


def test_the_role_is_kept_with_the_run(tmp_path):
    path, now = tmp_path / "run.db", {"h": 0.25}
    space = bo.Space(x=bo.Float(0, 1), h=bo.Float(0, 1, role="context"))
    with_file = bo.Optimizer(space, seed=3, storage=path, proposer=QUICK)
    in_memory = bo.Optimizer(space, seed=3, proposer=QUICK)
    for n in range(8):
        trials = [opt.ask(context={"h": n / 8}) for opt in (with_file, in_memory)]
        assert trials[0].params == trials[1].params
        for opt, trial in zip((with_file, in_memory), trials, strict=True):
            opt.tell(trial, (trial.params["x"] - trial.params["h"]) ** 2)
    with_file.close()
    again = bo.Optimizer.reopen(path)
    assert again.space == space
    assert again.space.context == ("h",)
    assert again.ask(context=now).params == in_memory.ask(context=now).params
    again.close()
    assert bo.Space.from_json(space.to_json()) == space
    toml = '[space.x]\ntype = "float"\nlow = 0\nhigh = 1\n[space.h]\ntype = "float"\n'
    assert bo.Space.from_toml(toml + 'low = 0\nhigh = 1\nrole = "context"\n') == space
    assert "role" not in str(bo.Space(x=bo.Float(0, 1)).to_json())


def test_lost_trials_and_queued_points_wait_for_their_context():
    space = bo.Space(x=bo.Float(0, 1), h=bo.Float(0, 1, role="context"))
    opt = bo.Optimizer(space, seed=0)
    lost = opt.ask(context={"h": 0.2})
    opt.abandon(lost, "power cut")
    opt.enqueue([{"x": 0.9, "h": 0.4}, {"x": 0.7}])
    assert opt.ask(context={"h": 0.3}).params == {"x": 0.7, "h": 0.3}
    assert opt.ask(context={"h": 0.4}).params == {"x": 0.9, "h": 0.4}
    assert opt.ask(context={"h": 0.2}).number == lost.number
    assert opt.ask(context={"h": 0.2}).origin is bo.Origin.INITIAL


def test_a_run_begins_with_points_of_the_design():
    space = bo.Space(x=bo.Float(0, 1), k=bo.Int(1, 3), h=bo.Float(0, 1, role="context"))
    opt = bo.Optimizer(space, seed=0, start={"x": 0.125, "k": 3})
    assert opt.ask(context={"h": 0.75}).params == {"x": 0.125, "k": 3, "h": 0.75}
    with pytest.raises(ValueError, match="missing from the point"):
        bo.Optimizer(space, seed=0, start={"x": 0.125})


def test_results_elsewhere_carry_the_context():
    space = bo.Space(x=bo.Float(0, 1), h=bo.Float(0, 1, role="context"))
    opt = bo.Optimizer(space, seed=0)
    opt.add_observation({"x": 0.1, "h": 0.9}, 1.0)
    with pytest.raises(ValueError, match="h: missing"):
        opt.add_observation({"x": 0.1}, 1.0)
    trial = opt.tell(opt.ask(context={"h": 0.5}), 2.0, as_run={"x": 0.5, "h": 0.55})
    assert (trial.params["h"], trial.asked["h"]) == (0.55, 0.5)


def shifted(params):
    return (params["x"] - 0.2 - 0.6 * params["h"]) ** 2


def test_the_best_point_for_a_context_is_that_of_the_function():
    space = bo.Space(x=bo.Float(0, 1), h=bo.Float(0, 1, role="context"))
    opt = bo.Optimizer(space, seed=0, proposer=QUICK, deterministic=True)
    with pytest.raises(ValueError, match="no trial has a value yet"):
        opt.best_for({"h": 0.5})
    for n in range(21):
        trial = opt.ask(context={"h": (n % 7) / 6})
        opt.tell(trial, shifted(trial.params))
    before = opt.trials
    for h in (0.1, 0.5, 0.9):
        best = opt.best_for({"h": h})
        assert best.params["h"] == h
        assert shifted(best.params) < 0.02
        assert best.mean == pytest.approx(opt.predict(best.params).mean[0])
        assert abs(best.mean) < 0.02
        assert best.sd >= 0.0
        assert opt.best_for({"h": h}).params == best.params
    assert opt.trials == before
    with pytest.raises(ValueError, match="the context lacks 'h'"):
        opt.best_for()
    assert "expected at x=" in repr(best)


def test_without_context_parameters_it_is_the_best_point_of_all():
    opt = bo.Optimizer({"x": bo.Float(0, 1)}, seed=0, proposer=QUICK, direction="maximize")
    for _ in range(9):
        trial = opt.ask()
        opt.tell(trial, -((trial.params["x"] - 0.3) ** 2))
    assert abs(opt.best_for().params["x"] - 0.3) < 0.02


def test_minimize_reads_the_context_before_each_trial():
    space = bo.Space(x=bo.Float(0, 1), h=bo.Float(0, 1, role="context"))
    readings = iter([0.125 * n for n in range(8)])
    result = bo.minimize(
        shifted, space, n_trials=8, seed=0, proposer=QUICK, context=lambda: {"h": next(readings)}
    )
    assert [t.params["h"] for t in result.trials] == [0.125 * n for n in range(8)]
    result = bo.minimize(shifted, space, n_trials=3, seed=0, context={"h": 0.5})
    assert {t.params["h"] for t in result.trials} == {0.5}


@pytest.mark.parametrize(
    ("context", "words"),
    [
        (None, r"the space has context parameters, .* context=\{'h': ...\}"),
        ({"h": 3.0}, "context: h: expected a value in"),
        (lambda: {"h": 3.0}, "context: h: expected a value in"),
        (lambda: 3.0, r"what context\(\) returned must be a mapping"),
    ],
)
def test_minimize_refuses_a_context_that_does_not_fit(context, words):
    space = bo.Space(x=bo.Float(0, 1), h=bo.Float(0, 1, role="context"))
    with pytest.raises((TypeError, ValueError), match=words):
        bo.minimize(shifted, space, n_trials=3, seed=0, context=context)

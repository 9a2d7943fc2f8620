"""Arguments of every kind for everything public: taken, or refused by TypeError or ValueError.

No other exception, no warning (they are errors in the tests), no hang.
"""

import contextlib
import dataclasses
import signal
import warnings

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

import bayesopt as bo
from bayesopt.checks import shown
from bayesopt.integrations.bayes_opt import BayesianOptimization
from bayesopt.optimizer.event_log import EnoughTrials
from tests.laws.hostile import SINGLE, Raises, kinds

REFUSED = (TypeError, ValueError)
DOCUMENTED = (
    *REFUSED,
    bo.SpaceExhausted,
    bo.StorageError,
    bo.ObjectiveError,
    EnoughTrials,
    FileNotFoundError,
)
SECONDS = 120  # for one call; a hundred times what the slowest takes

# Each class with arguments that are right, for one of them to be replaced.
RIGHT = {
    bo.Float: {"low": 0.0, "high": 1.0},
    bo.Int: {"low": 0, "high": 9},
    bo.Ordinal: {"values": [1, 2, 3]},
    bo.Categorical: {"choices": ["a", "b"]},
    bo.Boolean: {},
    bo.Constant: {"value": 1},
    bo.LinearConstraint: {"coefficients": {"x": 1}, "upper": 1.0},
    bo.Linear: {"coefficients": {"x": 1}, "upper": 1.0},
    bo.AtMost: {"k": 1, "of": ["x", "y"]},
    bo.InitialDesign: {},
    bo.AcquisitionSearch: {},
    bo.GridSearch: {},
    bo.RandomSearch: {},
    bo.LogEI: {},
    bo.EI: {},
    bo.PI: {},
    bo.UCB: {},
    bo.Thompson: {},
    bo.MapGP: {},
    bo.Priors: {},
    bo.NormalInLog: {"center": 1.0, "sd": 1.0, "low": 0.1, "high": 10.0},
    bo.SaasPriors: {},
    bo.OwnPriors: {"build": len},
}
ONE_FIELD = [(cls, f.name) for cls in RIGHT for f in dataclasses.fields(cls) if f.init]


@contextlib.contextmanager
def no_hang():
    def stop(*_):
        raise AssertionError(f"no answer within {SECONDS} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize(("cls", "name"), ONE_FIELD, ids=lambda x: getattr(x, "__name__", x))
def test_a_field_of_every_kind(cls, name):
    refused = 0
    for value in SINGLE:
        try:
            made = cls(**RIGHT[cls] | {name: value})
        except REFUSED as error:
            assert str(error)  # noqa: PT017  (the message can be printed)
            refused += 1
        else:
            assert repr(made)
    assert refused > 3


AS_KEY = (
    lambda v: bo.Space({v: bo.Float(0, 1)}),
    lambda v: bo.Space(x=bo.Boolean(), y=bo.Float(0, 1, when={v: True})),
)


@pytest.mark.parametrize(
    "call",
    [
        *AS_KEY,
        bo.Space,
        lambda v: bo.Space({"x": v}),
        lambda v: bo.Space(x=bo.Float(0, 1), constraints=v),
        lambda v: bo.Space(x=bo.Float(0, 1), constraints=[v]),
        lambda v: bo.Space(x=bo.Categorical(["a", v])),
        lambda v: bo.Space(x=bo.Ordinal([1, v])),
        lambda v: bo.Space(x=bo.Boolean(), y=bo.Float(0, 1, when={"x": v})),
        bo.Space.from_table,
        lambda v: bo.Space.from_table([{"x": 1}, {"x": v}]),
        lambda v: bo.Space.from_table([{"x": 1}, {"x": 2}], ordinal=v),
        bo.Space.from_json,
        lambda v: bo.Space.from_json({"parameters": v}),
        lambda v: bo.Space.from_json({"parameters": [v]}),
        lambda v: bo.Space.from_json({"parameters": [{"name": "x", "type": v}]}),
        lambda v: bo.Space.from_json(
            {"parameters": [{"name": "x", "type": "categorical", "choices": v}]}
        ),
        lambda v: bo.Space.from_json(
            {"parameters": [{"name": "x", "type": "float", "low": 0, "high": 1}], "table": v}
        ),
        lambda v: bo.Space.from_json(
            {"parameters": [{"name": "x", "type": "float", "low": 0, "high": 1}], "table": [v]}
        ),
        lambda v: bo.Space.from_json(
            {"parameters": [{"name": "x", "type": "float", "low": 0, "high": 1}], "constraints": v}
        ),
        lambda v: bo.Space.from_toml({"space": v}),
        lambda v: bo.Space.from_toml({"space": {"x": v}}),
        lambda v: bo.Space.from_toml({"space": {"x": {"type": "categorical", "choices": [1, v]}}}),
        lambda v: bo.Space(x=bo.Float(0, 1)).encode(v),
        lambda v: bo.Space(x=bo.Float(0, 1)).encode({"x": v}, outside=True),
        lambda v: bo.Space(x=bo.Int(0, 1)).encode({"x": v}),
        lambda v: bo.Space(x=bo.Categorical(["a", None, 1])).encode({"x": v}),
        lambda v: bo.Space(x=bo.Float(0, 1)).contains(v),
        lambda v: bo.Space(x=bo.Float(0, 1)).validate({"x": v}),
        lambda v: bo.Space(x=bo.Float(0, 1)).decode(v),
        lambda v: bo.Space(x=bo.Float(0, 1)).from_cube(v),
        lambda v: bo.Space(x=bo.Float(0, 1)).allowed(v),
        bo.Sum,
        bo.NormalInLog.from_log_normal,
        lambda v: bo.NormalInLog.from_log_normal(v, 1.0, low=0.1, high=9.0),
        lambda v: bo.NormalInLog.from_log_normal(0.0, v, low=0.1, high=9.0),
    ],
)
def test_a_call_with_an_argument_of_every_kind(call):
    for value in SINGLE:
        if isinstance(value, Raises) and call in AS_KEY:
            continue  # Python itself does not take it
        with contextlib.suppress(*REFUSED):
            repr(call(value))


@pytest.mark.parametrize(
    "text",
    [
        "[space.x]\ntype = 'categorical'\nchoices = " + "[" * 50_000 + "]" * 50_000,
        "[space.x]\ntype = 'categorical'\nchoices = [{json = '" + "[" * 50_000 + "'}, 1]",
        "[space.x]\ntype = 'float'\nlow = 0\nhigh = 1" + "0" * 400,
        "[space.x]\ntype = 'float'\nlow = 0\nhigh = 1" + "0" * 5000,
        "[space.x]\ntype = 'int'\nlow = 0\nhigh = nan",
        "[space" + ".x" * 20_000 + "]\ntype = 'float'",
        "= = =\n",
        "\x00 = 1\n",
    ],
)
def test_hostile_toml(text):
    with pytest.raises(ValueError):
        bo.Space.from_toml(text)


def parts():
    """Parts of an optimizer with one setting of any kind, where it can be made at all."""
    classes = (
        bo.InitialDesign,
        bo.AcquisitionSearch,
        bo.GridSearch,
        bo.UCB,
        bo.Thompson,
        bo.MapGP,
    )
    for cls in classes:
        for field in dataclasses.fields(cls):
            for value in SINGLE:
                with contextlib.suppress(*REFUSED):
                    yield cls(**{field.name: value})


ROLE = {
    bo.InitialDesign: "initial_design",
    bo.AcquisitionSearch: "proposer",
    bo.GridSearch: "proposer",
    bo.UCB: "acquisition",
    bo.Thompson: "acquisition",
    bo.MapGP: "surrogate",
}


def test_what_can_be_made_can_be_used():
    used = {repr(part): part for part in parts()}
    assert len(used) > 15
    for part in used.values():
        opt = bo.Optimizer(
            bo.Space(x=bo.Float(0, 1), n=bo.Int(0, 3)), seed=0, **{ROLE[type(part)]: part}
        )
        with no_hang(), contextlib.suppress(bo.SpaceExhausted):  # a grid of few levels
            for i in range(8):
                opt.tell(opt.ask(), float(i % 3))


class Hostile(RuleBasedStateMachine):
    """An optimizer whose user does everything wrong, and now and then something right."""

    calls = 0

    def call(self, function, *arguments, **options):
        type(self).calls += 1
        given = [*map(shown, arguments), *(f"{k}={shown(v)}" for k, v in options.items())]
        note(f"{getattr(function, '__name__', function)}({', '.join(given)})")
        with no_hang(), contextlib.suppress(*DOCUMENTED):
            return function(*arguments, **options)

    @initialize(constrained=st.booleans())
    def begin(self, constrained):
        self.space = bo.Space(
            x=bo.Float(0, 1),
            n=bo.Int(0, 5, when={"kind": "a"}),
            kind=bo.Categorical(["a", "b", None]),
            constraints=[bo.LinearConstraint({"x": 1, "n": 0.1}, upper=1.2)] * constrained,
        )
        self.opt = bo.Optimizer(
            self.space,
            seed=0,
            initial_design=bo.InitialDesign(n=3),
            acquisition=bo.LogEI(),
            proposer=bo.AcquisitionSearch(64, 64, 2, 2),
        )

    @rule(hold=kinds, limit=kinds)
    def ask(self, hold, limit):
        self.call(self.opt.ask, hold=SINGLE[hold])
        self.call(self.opt.ask, fixed=SINGLE[hold])
        self.call(self.opt.ask, fixed={"x": SINGLE[limit]})
        self.call(self.opt.ask, limit=SINGLE[limit])

    @rule(k=kinds)
    def ask_batch(self, k):
        self.call(self.opt.ask_batch, SINGLE[k])

    @rule(value=kinds)
    def tell_right(self, value):
        trial = self.call(self.opt.ask)
        if trial is not None:
            self.call(self.opt.tell, trial, SINGLE[value])

    @rule(trial=kinds, value=kinds)
    def tell_wrong(self, trial, value):
        self.call(self.opt.tell, SINGLE[trial], SINGLE[value])

    @rule(key=st.sampled_from(["value", "sd", "constraints", "cost", "info", "c"]), value=kinds)
    def tell_mapping(self, key, value):
        trial = self.call(self.opt.ask)
        self.call(self.opt.tell, trial, {"value": 1.0, key: SINGLE[value]})
        self.call(self.opt.tell, trial, {"value": 1.0, "constraints": {"c": SINGLE[value]}})
        self.call(self.opt.tell, trial, {"value": 1.0, "info": {"a": [SINGLE[value]]}})

    @rule(trial=kinds, message=kinds)
    def fail(self, trial, message):
        self.call(self.opt.tell_failure, SINGLE[trial], SINGLE[message])
        self.call(self.opt.tell_failure, self.call(self.opt.ask), SINGLE[message])
        self.call(self.opt.abandon, SINGLE[trial], SINGLE[message])
        self.call(self.opt.abandon, self.call(self.opt.ask), SINGLE[message])

    @rule(retry=kinds, trial=kinds)
    def abandon_and_retract(self, retry, trial):
        self.call(self.opt.abandon, self.call(self.opt.ask), "why", retry=SINGLE[retry])
        self.call(self.opt.retract, SINGLE[trial], SINGLE[retry])
        self.call(self.opt.correct, SINGLE[trial], SINGLE[retry])
        self.call(self.opt.correct, 0, {"value": SINGLE[trial], "sd": SINGLE[retry]})
        self.call(self.opt.correct, 0, 1.0, as_run=SINGLE[trial], why=SINGLE[retry])
        self.call(self.opt.feasibility, SINGLE[trial])
        self.call(self.opt.migration, SINGLE[trial], dropped=SINGLE[retry])
        self.call(self.opt.migration, self.opt.space, dropped=SINGLE[trial], added=SINGLE[retry])

    @rule(x=kinds, value=kinds, outside=st.booleans())
    def add(self, x, value, outside):
        point = {"x": SINGLE[x], "kind": "b"}
        self.call(self.opt.add_observation, point, SINGLE[value], outside=outside)
        self.call(self.opt.add_observation, point, 1.0, outside=outside)
        self.call(self.opt.add_observation, SINGLE[x], 1.0)
        self.call(self.opt.add_observations, SINGLE[x])
        self.call(self.opt.add_observations, [SINGLE[x]])

    @rule(x=kinds, kind=kinds)
    def enqueue_and_predict(self, x, kind):
        point = {"x": SINGLE[x], "kind": SINGLE[kind]}
        for method in (self.opt.enqueue, self.opt.predict):
            self.call(method, point)
            self.call(method, [point, SINGLE[x]])
            self.call(method, SINGLE[x])

    @rule(q=kinds, stop=kinds)
    def read(self, q, stop):
        prediction = self.call(self.opt.predict, {"x": 0.5, "kind": "b"})
        if prediction is not None:
            self.call(prediction.quantile, SINGLE[q])
        result = self.call(self.opt.result, SINGLE[stop])
        if result is not None:
            self.call(result.to_dict)
            self.call(result.to_csv)
            self.call(repr, result)
        self.call(self.opt.result)

    @rule(
        name=st.sampled_from(
            [
                "direction",
                "seed",
                "deterministic",
                "n_trials",
                "surrogate",
                "acquisition",
                "proposer",
                "initial_design",
                "threads",
                "lease",
                "retries",
                "verbose",
            ]
        ),
        value=kinds,
    )
    def make(self, name, value):
        opt = self.call(bo.Optimizer, self.space, **{name: SINGLE[value]})
        if opt is not None:
            self.call(opt.tell, self.call(opt.ask), 1.0)
        self.call(bo.Optimizer, SINGLE[value])
        options = {"n_trials": 2, "progress": False, name: SINGLE[value]}
        if name != "n_trials":
            self.call(bo.minimize, lambda p: 1.0, self.space, **options)

    @rule(
        name=st.sampled_from(
            [
                "n_trials",
                "timeout",
                "target",
                "patience",
                "callbacks",
                "progress",
                "raise_errors",
                "executor",
                "n_workers",
                "trial_timeout",
                "worker_timeout",
                "optimizer",
                "stop_after_failures",
            ]
        ),
        value=kinds,
        verb=st.sampled_from([bo.minimize, bo.maximize]),
    )
    def run(self, name, value, verb):
        options = {"n_trials": 2, "progress": False, "proposer": bo.RandomSearch()}
        if name == "n_trials" and value != SINGLE.index(3):
            options["patience"] = 1  # or it would go on for long
        self.call(verb, lambda p: 1.0, self.space, **options | {name: SINGLE[value]})
        if name == "optimizer":
            self.call(verb, lambda p: 1.0, n_trials=2, optimizer=SINGLE[value])
        self.call(verb, SINGLE[value], self.space, **options)

    @rule(value=kinds, workers=st.sampled_from([None, 2]))
    def objectives(self, value, workers):
        options = {"n_trials": 2, "progress": False, "proposer": bo.RandomSearch()}
        self.call(bo.minimize, lambda p: SINGLE[value], self.space, n_workers=workers, **options)
        self.call(
            bo.minimize, lambda p: {"value": 1.0, "info": SINGLE[value]}, self.space, **options
        )

        def raises(params):
            raise ArithmeticError(SINGLE[value])

        self.call(bo.minimize, raises, self.space, n_workers=workers, **options)

    @rule(value=kinds)
    def facade(self, value):
        given = SINGLE[value]
        self.call(BayesianOptimization, given, {"x": (0, 1)})
        self.call(BayesianOptimization, None, {"x": given})
        self.call(BayesianOptimization, None, {"x": (0, given)})
        self.call(BayesianOptimization, None, {"x": (0, 1)}, random_state=given)
        run = self.call(BayesianOptimization, None, {"x": (0, 1)}, verbose=0)
        run.register({"x": 0.5}, 1.0)
        self.call(run.register, {"x": 0.25}, given)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*is outside the bounds")
            self.call(run.register, {"x": given}, 1.0)
            self.call(run.register, given, 1.0)
        self.call(run.predict, given)

    @rule()
    def still_works(self):
        for i in range(3):
            trial = self.call(self.opt.ask)
            if trial is None:
                break
            self.opt.tell(trial, float(i))
        assert all(
            self.space.contains(t.params) or t.origin is bo.Origin.ADDED for t in self.opt.trials
        )


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="the guard against hangs is POSIX's")
def test_calls_of_every_kind_in_any_order():
    Hostile.calls = 0
    run_state_machine_as_test(
        Hostile,
        settings=settings(
            max_examples=30,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Hostile.calls >= 2000

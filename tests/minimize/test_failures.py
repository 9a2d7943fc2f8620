"""Mistakes in the objective: which end a run, which are said, and that nothing is lost."""

import logging
import math
import pickle
import textwrap
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.minimize.failures import Fault, Grade, RemoteTraceback
from bayesopt.result import Stop
from bayesopt.trial import TrialState

SPACE = bo.Space(
    x=bo.Float(-1, 1),
    k=bo.Categorical(["a", "b"]),
    g=bo.Float(1, 2, when={"k": "a"}),
)


def bowl(params):
    return params["x"] ** 2


def fast(**settings):
    """A run without a model: these tests are about the loop."""
    return {"space": SPACE, "seed": 0, "proposer": bo.RandomSearch(), **settings}


def count(result, state):
    return sum(t.state is state for t in result.trials)


def warnings_of(caplog):
    return [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]


MISTAKES = {
    "KeyError": lambda params: params["learning_rate"],
    "NameError": lambda params: no_such_name,  # noqa: F821
    "AttributeError": lambda params: params.x,
    "TypeError": lambda params: params["x"] + "1",
    "ModuleNotFoundError": lambda params: __import__("no_such_module_at_all"),
    "SyntaxError": lambda params: compile("1 +", "text", "eval"),
}


@pytest.fixture
def objectives(tmp_path, monkeypatch):
    """A module that worker processes can import: this one they cannot."""
    (tmp_path / "mistaken_objectives.py").write_text(
        textwrap.dedent(
            """
            class Odd(KeyError):
                def __init__(self, one, two):
                    super().__init__(one)

            def typo(params):
                return params["learning_rate"]

            def cannot_be_pickled(params):
                raise Odd(1, 2)

            def nothing(params):
                params["x"] ** 2
            """
        )
    )
    monkeypatch.syspath_prepend(tmp_path)
    import mistaken_objectives

    return mistaken_objectives


WAYS = {
    "in the calling thread": {},
    "threads": {"n_workers": 2},
    "with a time limit": {"trial_timeout": 60.0},
    "a pool of threads": {"executor": lambda: ThreadPoolExecutor(2)},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", MISTAKES)
def test_the_same_programming_error_three_times_at_first_ends_the_run(kind, way):
    with pytest.raises(bo.ObjectiveError, match=kind) as caught:
        bo.minimize(MISTAKES[kind], **fast(n_trials=50, **WAYS[way]))
    error = caught.value
    assert type(error.__cause__).__name__ == kind
    assert "test_failures.py:" in str(error) or kind in ("ModuleNotFoundError", "SyntaxError")
    assert error.result.stop is Stop.ERROR
    failed = [t for t in error.result.trials if t.state is TrialState.FAILED]
    assert 3 <= len(failed) <= 4  # with a second worker, one more is through at the same moment
    assert all(t.error.startswith(kind) for t in failed)
    assert count(error.result, TrialState.PENDING) == 0
    assert "Nothing is lost" in error.__notes__[0]


@pytest.mark.parametrize("name", ["typo", "cannot_be_pickled", "nothing"])
def test_mistakes_are_found_in_worker_processes_too(objectives, name):
    def pool():
        return ProcessPoolExecutor(2, mp_context=get_context("spawn"))

    with pytest.raises(bo.ObjectiveError) as caught:
        bo.minimize(getattr(objectives, name), **fast(n_trials=50, executor=pool))
    assert isinstance(caught.value.__cause__, RemoteTraceback)
    assert count(caught.value.result, TrialState.PENDING) == 0
    if name == "typo":
        assert "mistaken_objectives.py" in str(caught.value)
        assert 'params["learning_rate"]' in str(caught.value.__cause__)


def test_trials_of_a_run_that_ended_so_are_in_its_file(tmp_path):
    path = tmp_path / "run.db"
    with pytest.raises(bo.ObjectiveError) as caught:
        bo.minimize(MISTAKES["KeyError"], **fast(n_trials=50, storage=path))
    assert str(path) in caught.value.__notes__[0]
    result = bo.minimize(bowl, **fast(n_trials=5, storage=path))
    assert count(result, TrialState.FAILED) == 3
    assert count(result, TrialState.COMPLETE) == 2


def test_an_objective_with_parameters_of_its_own_is_told_how_it_is_called():
    with pytest.raises(bo.ObjectiveError, match=r"lambda params: f\(\*\*params\)"):
        bo.minimize(lambda x, k: x, **fast(n_trials=50))


def test_a_misspelt_parameter_is_told_the_ones_there_are():
    with pytest.raises(bo.ObjectiveError, match=r"keys 'x', 'k'"):
        bo.minimize(MISTAKES["KeyError"], **fast(n_trials=50))


def simulator(params):
    raise FloatingPointError("diverged")


def here(params):
    return params["here"]


def there(params):
    return params["there"]


def nan(params):
    return math.nan


ACTS = {"ok": bowl, "nan": nan, "diverges": simulator, "here": here, "there": there}


@given(st.lists(st.sampled_from(sorted(ACTS)), min_size=1, max_size=14))
def test_a_run_ends_for_three_equal_mistakes_at_first_and_for_nothing_else(acts):
    def play(params):
        return ACTS[next(script)](params)

    script = iter(acts)
    ends = len(acts) >= 3 and acts[0] in ("here", "there") and len(set(acts[:3])) == 1
    try:
        result = bo.minimize(play, **fast(n_trials=len(acts)))
    except bo.ObjectiveError as error:
        assert ends
        result, acts = error.result, acts[:3]
    else:
        assert not ends
    assert [t.outcome is not None for t in result.trials] == [act == "ok" for act in acts]


def test_a_simulator_that_always_diverges_runs_on_and_is_mentioned_twice(caplog):
    result = bo.minimize(simulator, **fast(n_trials=25))
    assert (result.stop, count(result, TrialState.FAILED)) == (Stop.N_TRIALS, 25)
    first, tenth = warnings_of(caplog)
    assert "trial 0 failed: FloatingPointError: diverged" in first
    assert 'raise FloatingPointError("diverged")' in first
    assert "first 10 trials" in tenth
    assert "stop_after_failures" in tenth


def test_failures_after_a_success_are_mentioned_once(caplog):
    calls = []

    def later(params):
        calls.append(params)
        return bowl(params) if len(calls) == 1 else nan(params)

    result = bo.minimize(later, **fast(n_trials=25))
    assert count(result, TrialState.FAILED) == 24
    assert len(warnings_of(caplog)) == 1


def test_a_run_without_failures_says_nothing(caplog):
    bo.minimize(bowl, **fast(n_trials=5))
    assert warnings_of(caplog) == []


def test_timeouts_are_failures_and_no_mistake(caplog):
    from threading import Event

    gate = Event()
    result = bo.minimize(
        lambda params: gate.wait(300) or 1.0, **fast(n_trials=3, trial_timeout=0.05)
    )
    gate.set()
    assert count(result, TrialState.FAILED) == 3
    assert "trial 0 failed: timeout" in warnings_of(caplog)[0]


@pytest.mark.parametrize("way", WAYS)
def test_failures_in_a_row_end_a_run_that_asks_for_it(way):
    calls = []

    def fails_from_the_third(params):
        calls.append(params)
        return bowl(params) if len(calls) < 3 else simulator(params)

    settings = fast(n_trials=50, stop_after_failures=4, **WAYS[way])
    result = bo.minimize(fails_from_the_third, **settings)
    assert result.stop is Stop.FAILURES
    assert 4 <= count(result, TrialState.FAILED) <= 5  # one more may be running
    assert count(result, TrialState.COMPLETE) == 2


def test_a_success_begins_the_count_anew():
    acts = iter(["diverges", "diverges", "ok"] * 4)
    result = bo.minimize(
        lambda params: ACTS[next(acts)](params), **fast(n_trials=12, stop_after_failures=3)
    )
    assert result.stop is Stop.N_TRIALS


IMPOSSIBLE = [
    (None, "return"),
    ("0.5", "float"),
    (True, "float"),
    ((1.0, 2.0), "'sd'"),
    ([1.0], "return the number"),
    (np.array([1.0, 2.0]), "mean"),
    (np.array([]), "mean"),
    (np.array(["a"]), "float"),
    (1 + 2j, "complex"),
    ({"loss": 1.0}, "'value'"),
    ({"sd": 1.0}, "'value'"),
    ({"value": None}, "return"),
    ({"value": 1.0, "constraints": [0.0]}, "names"),
    ({"value": 1.0, "info": object()}, "JSON"),
]


@pytest.mark.parametrize(("answer", "words"), IMPOSSIBLE)
def test_what_can_never_be_a_value_ends_the_run_at_once(answer, words):
    opt = bo.Optimizer(SPACE, seed=0, proposer=bo.RandomSearch())
    bo.minimize(bowl, optimizer=opt, n_trials=2)
    for raises in (False, True):
        with pytest.raises(bo.ObjectiveError, match=words) as caught:
            bo.minimize(lambda params: answer, optimizer=opt, n_trials=9, raise_errors=raises)
        assert [t.state for t in caught.value.result.trials] == [
            TrialState.COMPLETE, TrialState.COMPLETE, TrialState.ABANDONED,
        ]  # fmt: skip
    # its point was not to blame: it is asked again
    assert bo.minimize(bowl, optimizer=opt, n_trials=3).trials[2].value is not None


# a list of numbers is told as replicates
@pytest.mark.parametrize(
    ("answer", "words"), [(a, words) for a, words in IMPOSSIBLE if not isinstance(a, list)]
)
def test_what_can_never_be_a_value_is_not_told_either(answer, words):
    opt = bo.Optimizer(SPACE, seed=0, proposer=bo.RandomSearch())
    trial = opt.ask()
    with pytest.raises(TypeError, match=words):
        opt.tell(trial, answer)
    with pytest.raises(TypeError, match=words):
        opt.add_observation(trial.params, answer)
    assert [t.state for t in opt.trials] == [TrialState.PENDING]


@pytest.mark.parametrize(
    "wrap",
    [np.float32, np.int64, np.array, lambda v: np.array([v]), lambda v: np.array([[v]])],
)
def test_an_array_of_one_number_is_that_number(wrap):
    result = bo.minimize(lambda params: wrap(2.0), **fast(n_trials=3))
    assert [t.value for t in result.trials] == [2.0] * 3
    opt = bo.Optimizer(SPACE, seed=0)
    told = opt.tell(opt.ask(), {"value": wrap(2.0), "sd": wrap(1), "constraints": {"c": wrap(3)}})
    assert (told.value, told.outcome.sd, told.outcome.constraints) == (2.0, 1.0, {"c": 3.0})


def test_an_objective_may_end_the_run_itself():
    opt = bo.Optimizer(SPACE, seed=0, proposer=bo.RandomSearch())

    def licensed(params):
        if len(opt.trials) == 4:
            raise bo.ObjectiveError("the licence server is down")
        return bowl(params)

    with pytest.raises(bo.ObjectiveError, match="licence server") as caught:
        bo.minimize(licensed, optimizer=opt, n_trials=9)
    assert count(caught.value.result, TrialState.COMPLETE) == 3
    assert caught.value.result.value == min(t.value for t in opt.trials[:3])
    assert opt.trials[3].state is TrialState.ABANDONED


def test_faults_and_errors_cross_processes():
    fault = Fault(Grade.MISTAKE, "KeyError", "f.py:3", "trace", "hint", KeyError("k"))
    there_and_back = pickle.loads(pickle.dumps(fault))
    assert there_and_back == Fault(Grade.MISTAKE, "KeyError", "f.py:3", "trace", "hint")
    error = bo.ObjectiveError("why")
    error.result = lambda: None  # cannot be pickled
    assert pickle.loads(pickle.dumps(error)).args == ("why",)


def test_an_exception_whose_message_cannot_be_read_is_a_failure():
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError

    def mute(params):
        raise Mute

    result = bo.minimize(mute, **fast(n_trials=2))
    assert {t.error for t in result.trials} == {"Mute: <Mute that cannot be printed>"}


# ---- callbacks ------------------------------------------------------------------------------


def test_a_callback_that_raises_is_reported_and_loses_nothing(caplog):
    seen = []

    def broken(opt, trial):
        raise LookupError("no file")

    def watch(opt, trial):
        seen.append(trial.number)

    result = bo.minimize(bowl, **fast(n_trials=6, callbacks=[broken, watch]))
    assert (result.stop, count(result, TrialState.COMPLETE)) == (Stop.N_TRIALS, 6)
    assert seen == list(range(6))
    first, last = warnings_of(caplog)
    assert "broken raised LookupError: no file after trial 0" in first
    assert 'raise LookupError("no file")' in first
    assert "raised 6 times" in last


def test_one_function_will_do_as_callbacks():
    stops = bo.minimize(bowl, **fast(n_trials=6, callbacks=lambda opt, trial: True))
    assert (stops.stop, len(stops.trials)) == (Stop.CALLBACK, 1)
    assert len(bo.minimize(bowl, **fast(n_trials=2, callbacks=None)).trials) == 2


@pytest.mark.parametrize(
    "callbacks", [lambda trial: None, [lambda: None], "print", 3, ["print"], [partial(bowl, 1)]]
)
def test_what_cannot_be_called_with_optimizer_and_trial_is_no_callback(callbacks):
    with pytest.raises(TypeError, match=r"'callbacks'.*\(optimizer, trial\)"):
        bo.minimize(bowl, **fast(n_trials=2, callbacks=callbacks))


def test_a_callback_without_a_signature_is_taken():
    assert len(bo.minimize(bowl, **fast(n_trials=2, callbacks=max)).trials) == 2

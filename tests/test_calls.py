"""Calls with arguments that do not fit: what is said; and that typed options do not drift."""

import inspect
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt import calls, options
from bayesopt.integrations.scipy import api as scipy_entry

SPACE = bo.Space(x=bo.Float(0, 1))


def bowl(params):
    return params["x"] ** 2


def parameters_of(function):
    found = inspect.signature(function).parameters
    return {name: p for name, p in found.items() if name not in ("self", "cls")}


TYPED = [
    (options.OptimizerOptions, bo.Optimizer, {"space", "direction", "n_trials"}),
    (
        options.RunOptions,
        bo.Optimizer,
        {"space", "direction", "n_trials", "seed", "start", "earlier", "outcome_constraints"}
        | {"objectives", "thresholds", "records"},
    ),
    (options.ImportOptions, bo.Optimizer, {"space", "direction"}),
    (
        options.ReopenOptions,
        bo.Optimizer,
        {"space", "direction", "objectives", "storage", "start", "earlier"},
    ),
    (
        scipy_entry.MethodOptions,
        scipy_entry.minimize,
        {"fun", "bounds", "args", "x0", "constraints", "callback"},
    ),
]


@pytest.mark.parametrize(("typed", "function", "others"), TYPED)
def test_typed_options_are_the_parameters_they_stand_for(typed, function, others):
    real = {n: p.annotation for n, p in parameters_of(function).items() if n not in others}
    written = {
        name: getattr(hint, "__forward_arg__", hint)
        for name, hint in typed.__annotations__.items()
    }
    assert written == real


PASS_ON = [
    (bo.minimize, options.OptimizerOptions),
    (bo.maximize, options.OptimizerOptions),
    (bo.Optimizer.reopen, options.ReopenOptions),
    (bo.from_optuna, options.ImportOptions),
    (scipy_entry.minimize, options.RunOptions),
    (scipy_entry.method, scipy_entry.MethodOptions),
]


@pytest.mark.parametrize(("function", "typed"), PASS_ON)
def test_signatures_name_every_option(function, typed):
    shown = parameters_of(function)
    assert set(typed.__annotations__) <= set(shown)
    assert all(p.kind is not p.VAR_KEYWORD for p in shown.values())
    hint = inspect.getfullargspec(inspect.unwrap(function)).annotations["options"]
    assert hint == f"Unpack[{typed.__name__}]"


def test_maximize_takes_what_minimize_takes():
    assert inspect.signature(bo.maximize) == inspect.signature(bo.minimize)


def test_only_the_interface_is_listed():
    assert dir(bo) == sorted(bo.__all__)


MISTAKEN = [
    ({"n_calls": 5}, "n_trials="),
    ({"n_trial": 5}, "'n_trials'"),
    ({"random_state": 0}, "seed="),
    ({"n_jobs": 2}, "n_workers="),
    ({"verbose": 1}, "progress=True"),
    ({"x0": [{"x": 0.1}]}, r"start=\{\.\.\.\}"),
    ({"acq_func": "EI"}, r"acquisition=bo\.EI\(\)"),
    ({"n_initial_points": 5}, r"initial_design=bo\.InitialDesign"),
    ({"direction": "maximize"}, r"bo\.maximize"),
    ({"nonsense": 1}, "it takes .*n_trials.*seed"),
]


@pytest.mark.parametrize("call", [bo.minimize, bo.maximize])
@pytest.mark.parametrize(("given", "words"), MISTAKEN)
def test_other_words_are_answered_with_ours(call, given, words, tmp_path):
    name, storage = call.__name__, tmp_path / "run.db"
    with pytest.raises(
        TypeError, match=rf"^{name}\(\) has no option '{next(iter(given))}'; .*{words}"
    ):
        call(bowl, SPACE, storage=storage, **given)
    assert not storage.exists()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: bo.Optimizer(SPACE, n_calls=3), r"^Optimizer\(\) has no .*n_trials="),
        (lambda: bo.Optimizer(SPACE, n_jobs=3), r"^Optimizer\(\) .*n_workers"),
        (lambda: bo.Optimizer(SPACE, 7), r"^Optimizer\(\) takes only space by position; got 7"),
        (lambda: bo.Optimizer(), r"^Optimizer\(\) missing .*'space'"),
        (lambda: bo.Optimizer.reopen("f", random_state=1), r"^Optimizer\.reopen\(\) .*seed="),
        (lambda: bo.minimize(bowl, SPACE, 50), r"^minimize\(\) .*n_trials=\.\.\."),
        (lambda: bo.minimize(SPACE, bowl), r"minimize\(objective, space\)"),
        (lambda: bo.minimize(), r"^minimize\(\) missing .*'objective'"),
        (lambda: bo.from_optuna(None, random_state=3), r"^from_optuna\(\) .*seed="),
        (lambda: bo.Float(1e-3, 1, "log-uniform"), r"^Float\(\) .*: log=True"),
        (lambda: bo.Float(1e-3, 1, prior="log-uniform"), r"^Float\(.*; log=True"),
        (lambda: bo.Float(1e-3, 1, log_scale=True), r"^Float\(\) .*log="),
        (lambda: bo.Int(1, 5, 2), r"^Int\(\) takes only low and high by position; got 2"),
        (lambda: bo.Int(1, 5, q=2), r"^Int\(\) .*step="),
        (lambda: bo.Int(lower=1, high=5), r"^Int\(\) .*low="),
        (lambda: bo.Categorical("a", "b"), r"^Categorical\(\) .*Categorical\(\['a', 'b'\]\)"),
        (lambda: bo.Ordinal(1, 2, 3), r"^Ordinal\(\) .*Ordinal\(\[1, 2, 3\]\)"),
        (lambda: bo.Categorical(values=[1, 2]), r"^Categorical\(\) .*choices="),
        (lambda: bo.Boolean(True), r"^Boolean\(\) takes nothing by position"),
        (lambda: bo.Float(0, 1, name="x"), r"Space\(name=Float"),
        (lambda: bo.Float(0, 1, low=0), r"^Float\(\) .*'low'"),
    ],
)
def test_each_call_is_named_as_it_was_made(call, words):
    with pytest.raises(TypeError, match=words):
        call()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"acquisition": "EI"}, r"write acquisition=bo\.EI\(\)"),
        ({"acquisition": "LCB"}, r"write acquisition=bo\.UCB\(\)"),
        ({"acquisition": "?"}, r"bo\.LogEI\(\) or .*bo\.UCB\(\)|bo\.UCB\(\) or .*bo\.LogEI\(\)"),
        ({"surrogate": "GP"}, r"write surrogate=bo\.MapGP\(\)"),
        ({"proposer": "random"}, r"write proposer=bo\.RandomSearch\(\)"),
        ({"initial_design": "sobol"}, r"write initial_design=bo\.InitialDesign\(\)"),
    ],
)
def test_a_part_by_its_name_is_answered_with_what_to_write(given, words):
    with pytest.raises(TypeError, match=words):
        bo.Optimizer(SPACE, **given)


PUBLIC = [bo.minimize, bo.Optimizer, bo.Float, bo.Int, bo.Categorical, bo.Ordinal, bo.Constant]
REQUIRED = {
    bo.minimize: (bowl, SPACE), bo.Optimizer: (SPACE,), bo.Float: (0, 1), bo.Int: (1, 2),
    bo.Categorical: ([1, 2],), bo.Ordinal: ([1, 2],), bo.Constant: (1,),
}  # fmt: skip


@given(st.sampled_from(PUBLIC), st.data())
def test_a_word_with_a_letter_missing_is_recognised(call, data):
    names = [n for n in parameters_of(call) if len(n) > 4]
    assume(names)
    name = data.draw(st.sampled_from(names))
    gap = data.draw(st.integers(0, len(name) - 1))
    word = name[:gap] + name[gap + 1 :]
    assume(word not in parameters_of(call) and not any(word in group for group in calls._SAME))
    with pytest.raises(TypeError, match=f"has no option '{word}'; did you mean '{name}'"):
        call(*REQUIRED[call], **{word: 1})


@given(st.sampled_from(PUBLIC), st.text(string.ascii_letters + "_", min_size=1))
def test_any_unknown_word_is_refused_and_only_real_options_are_named(call, word):
    assume(word not in parameters_of(call) and word != "self")
    with pytest.raises(TypeError, match=rf"^{call.__name__}\(\) has no option") as caught:
        call(*REQUIRED[call], **{word: 1})
    said = str(caught.value)
    if "did you mean" in said:
        assert said.split("'")[-2] in parameters_of(call)


def test_every_word_of_the_table_leads_to_an_option_of_some_call():
    public = [*PUBLIC, scipy_entry.minimize, bo.UCB, bo.InitialDesign]
    known = {name for call in public for name in parameters_of(call)}
    known |= {"n_iter", "random_state", "n_jobs", "verbose", "n_startup_trials", "search_spaces"}
    known |= {"deterministic_objective", "n_startup_jobs"}  # of the plug-ins
    words = [word for group in calls._SAME for word in group]
    assert len(set(words)) == len(words)
    assert all(word == word.lower() for word in words)
    assert all(known & set(group) for group in calls._SAME)


def test_a_type_error_from_inside_passes_as_it_is():
    def broken(params):
        raise TypeError("minimize() got an unexpected keyword argument 'n_calls'")

    with pytest.raises(TypeError, match="unexpected keyword"):
        bo.minimize(broken, SPACE, n_trials=1, raise_errors=True)
    with pytest.raises(TypeError, match="low must be a finite number"):
        bo.Float("0", 1)


METHODS = [name for name in dir(bo.Optimizer) if callable(getattr(bo.Optimizer, name))]
METHODS = [name for name in METHODS if not name.startswith("_")]


@pytest.mark.parametrize("name", METHODS)
def test_methods_of_an_optimizer_name_an_unknown_option(name):
    optimizer = bo.Optimizer(SPACE)
    with pytest.raises(TypeError, match=rf"^Optimizer\.{name}\(\) has no option 'colour'"):
        getattr(optimizer, name)(colour=1)


def test_a_method_suggests_the_option_that_was_meant():
    with pytest.raises(TypeError, match=r"Optimizer\.ask\(\) .* did you mean 'fixed'"):
        bo.Optimizer(SPACE).ask(fix={})


def test_a_misspelt_name_of_the_package_says_which_package():
    with pytest.raises(AttributeError, match="'bayesopt' has no attribute 'Flot'") as caught:
        bo.Flot  # noqa: B018
    assert (caught.value.name, caught.value.obj) == ("Flot", bo)  # Python suggests from these

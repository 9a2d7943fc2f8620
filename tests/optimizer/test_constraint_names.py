"""Names of outcome constraints are fixed once; another one is refused, in every process."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.trial import TrialState

SPACE = bo.Space(x=bo.Float(0, 1))


def optimizer(**options):
    return bo.Optimizer(SPACE, seed=0, proposer=bo.RandomSearch(), **options)


def result(*names):
    return {"value": 1.0, "constraints": dict.fromkeys(names, -1.0)}


def test_the_first_result_with_any_fixes_the_names():
    opt = optimizer()
    opt.tell(opt.ask(), 1.0)
    opt.tell(opt.ask(), result("impurity", "mass"))
    trial = opt.ask()
    with pytest.raises(ValueError, match=r"'impurtiy'; did you mean 'impurity'\?.*of trial 1"):
        opt.tell(trial, result("impurtiy"))
    assert opt.trials[2].state is TrialState.PENDING
    opt.tell(trial, result("mass"))  # one may not have been measured
    opt.tell(opt.ask(), 2.0)
    assert [t.state for t in opt.trials] == [TrialState.COMPLETE] * 4


def test_names_may_be_declared():
    opt = optimizer(outcome_constraints=["impurity"])
    with pytest.raises(ValueError, match="declared with: 'impurity'"):
        opt.tell(opt.ask(), result("mass"))
    opt.tell(0, result("impurity"))
    none = optimizer(outcome_constraints=())
    with pytest.raises(ValueError, match="declared with: none"):
        none.tell(none.ask(), result("mass"))


NAMES = st.lists(st.sampled_from("abc"), max_size=3, unique=True)


@given(st.none() | NAMES, st.lists(NAMES, max_size=8))
def test_a_result_is_taken_when_its_names_are_among_the_runs(declared, results):
    opt = optimizer(outcome_constraints=declared)
    known = declared
    for names in results:
        trial = opt.ask()
        if known is None or set(names) <= set(known):
            opt.tell(trial, result(*names))
            known = known if known is not None else names or None
        else:
            with pytest.raises(ValueError, match="outcome constraint"):
                opt.tell(trial, result(*names))
            with pytest.raises(ValueError, match="outcome constraint"):
                opt.add_observation({"x": 0.5}, result(*names))
            opt.tell(trial, 1.0)
    assert all(t.state is TrialState.COMPLETE for t in opt.trials)


def test_results_that_are_brought_along_fix_and_obey_names_all_or_none():
    opt = optimizer()
    with pytest.raises(ValueError, match="'b'"):
        opt.add_observations([({"x": 0.1}, result("a")), ({"x": 0.2}, result("b"))])
    assert opt.trials == ()
    opt.add_observation({"x": 0.1}, result("b"))
    with pytest.raises(ValueError, match="'a'"):
        opt.tell(opt.ask(), result("a"))


def test_another_worker_on_the_same_file_is_heard_before_a_name_is_taken(tmp_path):
    first, second = (optimizer(storage=tmp_path / "run.db") for _ in range(2))
    mine, theirs = first.ask(), second.ask()
    first.tell(mine, result("weight"))
    with pytest.raises(ValueError, match="did you mean 'weight'"):
        second.tell(theirs, result("wieght"))
    second.tell(theirs, result("weight"))
    first.close(), second.close()


def test_retracting_the_first_result_opens_the_names_again():
    opt = optimizer()
    opt.tell(opt.ask(), result("wieght"))
    opt.retract(0, "misspelt")
    opt.tell(opt.ask(), result("weight"))
    with pytest.raises(ValueError, match="of trial 1, fixed them"):
        opt.tell(opt.ask(), result("wieght"))


def test_a_stored_run_keeps_its_names_and_may_get_further_ones(tmp_path):
    path = tmp_path / "run.db"
    opt = optimizer(storage=path, outcome_constraints=["a"])
    other = optimizer(storage=path)
    opt.close()
    with pytest.raises(ValueError, match="has the outcome constraints 'a', which are not among"):
        optimizer(storage=path, outcome_constraints=["b"])
    again = bo.Optimizer.reopen(path, outcome_constraints=["a", "b"])
    again.tell(again.ask(), result("a", "b"))
    other.tell(other.ask(), result("b"))  # it hears of the declaration
    with pytest.raises(ValueError, match="'c'"):
        other.tell(other.ask(), result("c"))
    again.close(), other.close()


def test_a_run_whose_results_fixed_the_names_may_declare_more(tmp_path):
    path = tmp_path / "run.db"
    opt = optimizer(storage=path)
    opt.tell(opt.ask(), result("a"))
    with pytest.raises(ValueError, match="'a'"):
        optimizer(storage=path, outcome_constraints=[])
    events = len(opt.storage.read())
    optimizer(storage=path, outcome_constraints=["a", "b"]).close()
    optimizer(storage=path, outcome_constraints=["b", "a"]).close()  # the same names
    assert len(opt.storage.read()) == events + 1
    opt.tell(opt.ask(), result("b"))
    opt.close()


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ("impurity", TypeError, "a list of names"),
        (3, TypeError, "a list of names"),
        ([3], TypeError, "a list of names"),
        (["a", "a"], ValueError, "distinct"),
        ([""], ValueError, "distinct"),
    ],
)
def test_what_is_no_declaration(given, error, words, tmp_path):
    with pytest.raises(error, match=f"outcome_constraints must be .*{words}"):
        optimizer(outcome_constraints=given, storage=tmp_path / "run.db")
    assert not (tmp_path / "run.db").exists()


def test_a_misspelt_name_ends_a_run_of_minimize_with_nothing_lost():
    calls = []

    def objective(params):
        calls.append(params)
        return result("mass" if len(calls) < 4 else "maas")

    with pytest.raises(bo.ObjectiveError, match="'maas'; did you mean 'mass'") as caught:
        bo.minimize(objective, SPACE, n_trials=9, seed=0, proposer=bo.RandomSearch())
    states = [t.state for t in caught.value.result.trials]
    assert states == [TrialState.COMPLETE] * 3 + [TrialState.ABANDONED]
    with pytest.raises(bo.ObjectiveError, match="declared with"):
        bo.minimize(objective, SPACE, n_trials=9, seed=0, outcome_constraints=["other"])

"""What the sampler proposes: good points, whole conditional spaces, the same again from the same
storage."""

import math
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

optuna = pytest.importorskip("optuna", reason="Optuna is not installed: bayesopt-engine[optuna]")

import bayesopt as bo  # noqa: E402
from bayesopt.integrations.optuna import BayesOptSampler, last_value  # noqa: E402
from bayesopt.integrations.optuna.snapshot import read_trials  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent))
import studies  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
Complete, Fail, Pruned = (
    optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.FAIL, optuna.trial.TrialState.PRUNED
)  # fmt: skip

SET_CONSTRAINTS = hasattr(optuna.trial.FrozenTrial, "constraints")


class Spy(optuna.samplers.RandomSampler):
    """An independent sampler that notes for which parameters it was needed."""

    def __init__(self):
        super().__init__(seed=0)
        self.asked = []

    def sample_independent(self, study, trial, name, distribution):
        self.asked.append((trial.number, name))
        return super().sample_independent(study, trial, name, distribution)


def test_a_mixed_space_is_solved():
    study = studies.study()
    study.optimize(studies.mixed, n_trials=35)
    assert study.best_params["kind"] == "b"
    assert study.best_params["k"] == 4
    assert study.best_value < 0.01


def test_maximising_is_minimising_the_negative():
    down, up = studies.study(), studies.study(direction="maximize")
    down.optimize(studies.mixed, n_trials=14)
    up.optimize(lambda trial: -studies.mixed(trial), n_trials=14)
    assert studies.points(down) == studies.points(up)


def test_a_conditional_space_is_modelled_whole():
    spy = Spy()
    study = studies.study(BayesOptSampler(seed=1, independent_sampler=spy))
    study.optimize(studies.conditional, n_trials=40)
    assert study.best_value < 0.01
    assert study.best_params["layers"] == 2
    # a parameter is drawn independently in the one trial that asks for it first, never again
    assert len(spy.asked) == len({name for _, name in spy.asked}) == 7
    assert {name for _, name in spy.asked} == {name for t in study.trials for name in t.params}


def test_conditions_of_the_objective_become_conditions_of_the_space():
    study = studies.study(optuna.samplers.RandomSampler(seed=0))
    study.optimize(studies.conditional, n_trials=60)
    known = studies.known(study)
    when = {name: dict(parameter.conditions) for name, parameter in known.space.parameters.items()}
    assert when["kind"] == {}
    assert when["slope"] == {"kind": (0,)}
    assert when["depth"] == {"kind": (1,)}
    assert when["layers"] == {"kind": (2,)}
    assert when["width_1"] == {"layers": (2, 3)}
    assert when["width_2"] == {"layers": (3,)}


def test_the_same_seed_makes_the_same_trials_and_another_seed_others():
    made = []
    for seed in (3, 3, 4):
        study = studies.study(BayesOptSampler(seed=seed))
        study.optimize(studies.conditional, n_trials=14)
        made.append(studies.points(study))
    assert made[0] == made[1]
    assert made[0] != made[2]


def test_a_study_continues_as_if_it_had_not_been_interrupted(tmp_path):
    whole = studies.study(BayesOptSampler(seed=5))
    whole.optimize(studies.mixed, n_trials=14)
    url = f"sqlite:///{tmp_path / 'study.db'}"
    first = studies.study(BayesOptSampler(seed=5), study_name="s", storage=url)
    first.optimize(studies.mixed, n_trials=9)
    copy = pickle.loads(pickle.dumps(first.sampler))
    second = optuna.load_study(study_name="s", storage=url, sampler=copy)
    second.optimize(studies.mixed, n_trials=3)
    third = optuna.load_study(study_name="s", storage=url, sampler=BayesOptSampler(seed=5))
    third.optimize(studies.mixed, n_trials=2)
    assert studies.points(third) == studies.points(whole)


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_another_process_proposes_the_same(hash_seed):
    here = studies.study(BayesOptSampler(seed=7))
    here.optimize(studies.conditional, n_trials=11)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import studies\n"
        "from bayesopt.integrations.optuna import BayesOptSampler\n"
        "s = studies.study(BayesOptSampler(seed=7))\n"
        "s.optimize(studies.conditional, n_trials=11)\n"
        "print(studies.points(s))"
    )
    there = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(Path(__file__).parent)],
        env=os.environ | {"PYTHONHASHSEED": hash_seed}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert there.stdout.strip() == str(studies.points(here))


def test_reseeding_changes_nothing_as_every_trial_has_its_own_stream():
    made = []
    for reseed in (False, True):
        study = studies.study(BayesOptSampler(seed=3))
        for _ in range(10):
            if reseed:
                study.sampler.reseed_rng()
            study.optimize(studies.mixed, n_trials=1)
        made.append(studies.points(study))
    assert made[0] == made[1]


def test_constraints_keep_to_the_feasible_side():
    def objective(trial):
        x = trial.suggest_float("x", 0.0, 1.0)
        if SET_CONSTRAINTS:
            trial.set_constraint("least", 0.4 - x)
        return x

    func = None if SET_CONSTRAINTS else lambda t: (0.4 - t.params["x"],)
    study = studies.study(BayesOptSampler(seed=0, constraints_func=func))
    study.optimize(objective, n_trials=14)
    assert min(t.value for t in study.trials if t.value >= 0.4) < 0.401
    # unconstrained, nearly all would be 0
    assert np.median([t.value for t in study.trials[5:]]) > 0.39


@pytest.mark.skipif(not SET_CONSTRAINTS, reason="trials of Optuna 4 set no constraints")
def test_trials_may_lack_constraints_or_have_infinite_ones():
    def objective(trial):
        x = trial.suggest_float("x", 0.0, 1.0)
        if trial.number % 3:
            trial.set_constraint("least", math.inf if x < 0.2 else 0.4 - x)
        if trial.number % 2:
            trial.set_constraint("most", x - 0.9)
        return x

    study = studies.study(BayesOptSampler(seed=0, n_startup_trials=4))
    study.optimize(objective, n_trials=12)
    _, least, most = studies.known(study).measured
    assert (least.output.name, most.output.name) == ("least", "most")
    for measured in (least, most):
        for trial, read in zip(study.trials, measured.values, strict=True):
            value = trial.constraints.get(measured.output.name)
            assert np.isnan(read) == (value is None)
            if value is not None:
                assert math.isfinite(read)
                assert (read <= 0) == (value <= 0)


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_infinite_values_are_taken_as_the_extremes_of_the_others(direction):
    def objective(trial):
        x = trial.suggest_float("x", -1.0, 1.0)
        return math.inf if x > 0.5 else -math.inf if x < -0.9 else x * x

    study = studies.study(BayesOptSampler(seed=2, n_startup_trials=5), direction=direction)
    for x in (-0.95, 0.7, 0.1, 0.4):
        study.enqueue_trial({"x": x})
    study.optimize(objective, n_trials=9)
    finite = [t.value for t in study.trials if math.isfinite(t.value)]
    given = studies.known(study).objective.values
    assert [*given[:4]] == [min(finite), max(finite), pytest.approx(0.01), pytest.approx(0.16)]


def test_a_study_of_infinite_values_only_goes_on():
    study = studies.study(BayesOptSampler(seed=0, n_startup_trials=2))
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1) * 0 + math.inf, n_trials=5)
    assert len({t.params["x"] for t in study.trials}) == 5


def failing(trial):
    """Better and better towards x = 1, but nothing beyond 0.7 can be evaluated."""
    x = trial.suggest_float("x", 0.0, 1.0)
    if x > 0.7:
        raise MemoryError
    return -x


def test_where_the_objective_failed_is_avoided():
    best, different = {}, {}
    for consider in (True, False):
        study = studies.study(BayesOptSampler(seed=0, consider_failed_trials=consider))
        study.optimize(failing, n_trials=24, catch=(MemoryError,))
        best[consider] = study.best_value
        different[consider] = len({round(t.params["x"], 3) for t in study.trials[8:]})
    assert best[True] < -0.69
    # as if deleted, a failed trial is followed by the same one again
    assert different[False] <= 4 < different[True]


def test_trials_whose_worker_was_lost_are_not_held_against_their_points():
    study = studies.study(BayesOptSampler(seed=0))
    study.optimize(studies.mixed, n_trials=3)
    lost, failed = study.ask(), study.ask()
    for trial in (lost, failed):
        trial.suggest_float("x", 0.0, 1.0)
    study._storage.set_trial_state_values(lost._trial_id, Fail)  # as fail_stale_trials does
    study.tell(failed, state=Fail)
    assert len(studies.known(study).failed) == 1
    assert len(studies.known(study, failed=False).failed) == 0


def pruned_study(pruned_value=None):
    def objective(trial):
        x = trial.suggest_float("x", 0.0, 1.0)
        for step in range(3):
            trial.report(x + 3 - step, step)
            if trial.number % 2 and step == 1:
                raise optuna.TrialPruned
        return x

    study = studies.study(BayesOptSampler(seed=0, n_startup_trials=4, pruned_value=pruned_value))
    study.optimize(objective, n_trials=10)
    known = studies.known(study, pruned_value=pruned_value)
    return study, known


def test_pruned_trials_count_as_uncertain_observations_of_their_ends():
    study, known = pruned_study()
    whole = known.eligible
    assert [*known.objective.values[whole]] == [study.trials[n].value for n in (0, 2, 4, 6, 8)]
    assert [*whole] == [True, False] * 5  # each where it ended
    ends = known.objective.values[~whole]
    points = np.array([t.params["x"] for t in study.trials if t.state is Pruned])
    assert (known.objective.noise_sd[~whole] > 0.0).all()
    assert np.isnan(known.objective.noise_sd[whole]).all()
    tame = points < np.median([t.value for t in study.trials if t.state is Complete])
    assert (np.abs(ends - points)[tame] < 0.2).all()  # the curves run parallel, 2 apart
    assert len(known.evaluated) == len(known.coords) == 10


def test_pruned_trials_tell_nothing_but_their_point_when_told_so():
    _, known = pruned_study(lambda trial: None)
    assert len(known.evaluated) == 5
    assert len(known.coords) == 10


def test_pruned_trials_count_with_their_last_value_when_told_so():
    study, known = pruned_study(last_value)
    assert [*known.objective.values[1::2]] == [
        t.params["x"] + 2 for t in study.trials if t.state is Pruned
    ]
    assert len(known.evaluated) == len(known.coords) == 10


def test_hyperband_shows_all_brackets():
    def objective(trial):
        x = trial.suggest_float("x", 0.0, 1.0)
        for step in range(9):
            trial.report((x - 0.4) ** 2 + 1 / (step + 1), step)
            if trial.should_prune():
                raise optuna.TrialPruned
        return (x - 0.4) ** 2

    pruner = optuna.pruners.HyperbandPruner(min_resource=1, max_resource=9)
    study = studies.study(BayesOptSampler(seed=0, pruned_value=last_value), pruner=pruner)
    study.optimize(objective, n_trials=20)
    assert {t.state for t in study.trials} == {Complete, Pruned}
    assert study.best_value < 0.01
    bracket = optuna.pruners._filter_study(study, study.trials[-1])
    assert len(read_trials(bracket, own=-1)) == 20 > len(bracket.get_trials(deepcopy=False))


def test_a_changed_range_is_followed():
    study = studies.study(BayesOptSampler(seed=0, n_startup_trials=3))
    study.optimize(lambda t: (t.suggest_float("x", 0, 10) - 25) ** 2, n_trials=8)
    study.optimize(lambda t: (t.suggest_float("x", 20, 30) - 25) ** 2, n_trials=12)
    assert study.best_value < 0.1


def test_a_range_that_depends_on_another_parameter_gets_the_proposal_nearest_to_it():
    spy = Spy()

    def objective(trial):
        n = trial.suggest_int("n", 1, 20)
        m = trial.suggest_int("m", 1, n)
        return (n - 15) ** 2 + (m - 3) ** 2

    study = studies.study(BayesOptSampler(seed=0, independent_sampler=spy))
    study.optimize(objective, n_trials=25)
    assert spy.asked == [(0, "n"), (0, "m")]
    assert study.best_value <= 2


def test_startup_points_are_spread_and_counted():
    study = studies.study(BayesOptSampler(seed=0, n_startup_trials=8))
    study.optimize(lambda t: t.suggest_float("x", 0, 1) + t.suggest_float("y", 0, 1), n_trials=8)
    xs = sorted(t.params["x"] for t in study.trials[1:])
    assert max(np.diff([0, *xs, 1])) < 0.4
    without = studies.study(BayesOptSampler(seed=0, n_startup_trials=0))
    without.optimize(studies.mixed, n_trials=3)
    assert len({str(p) for p in studies.points(without)}) == 3


def test_a_small_space_is_gone_through_before_anything_is_repeated():
    def objective(trial):
        return trial.suggest_int("a", 0, 2) + trial.suggest_categorical("b", [0, 1])

    study = studies.study(BayesOptSampler(seed=0, deterministic_objective=True))
    study.optimize(objective, n_trials=9)
    made = [tuple(p.values()) for p in studies.points(study)]
    assert len(set(made[:6])) == 6


def test_a_space_of_one_point():
    study = studies.study()
    study.optimize(
        lambda t: t.suggest_int("a", 3, 3) + t.suggest_categorical("b", [1]), n_trials=4
    )
    assert studies.points(study) == [{"a": 3, "b": 1}] * 4


def test_choices_may_be_anything():
    choices = [None, True, 1, "1", 2.5, (1, 2)]

    def objective(trial):
        return float(choices.index(trial.suggest_categorical("c", choices)))

    study = studies.study()
    with pytest.warns(UserWarning, match="Choices for a categorical distribution"):
        study.optimize(objective, n_trials=8)
    assert study.best_params == {"c": None}


def test_a_study_that_another_sampler_began_is_taken_over():
    study = studies.study(optuna.samplers.TPESampler(seed=0))
    study.optimize(studies.mixed, n_trials=12)
    spy = Spy()
    study.sampler = BayesOptSampler(seed=0, independent_sampler=spy)
    study.optimize(studies.mixed, n_trials=22)
    assert spy.asked == []
    assert study.best_value < 0.02


def test_fixed_parameters_are_what_other_workers_see():
    from bayesopt.integrations.optuna.publishing import Board

    study = studies.study()
    study.optimize(studies.conditional, n_trials=12)
    study.enqueue_trial({"kind": "tree"})
    study.optimize(studies.conditional, n_trials=1)
    trial = study.trials[-1]
    published = Board(study).published(trial.number)
    assert trial.params["kind"] == "tree"
    assert set(published.numbers) == {"kind", "depth"}
    assert published.numbers["depth"] == trial.params["depth"]


@pytest.mark.parametrize(
    "parts",
    [
        {"surrogate": bo.MapGP(kernel="rbf")},
        {"acquisition": bo.UCB(beta=2.0)},
        {"acquisition": bo.Thompson()},
        {"deterministic_objective": True},
    ],
)
def test_parts_can_be_exchanged(parts):
    plain, other = studies.study(), studies.study(BayesOptSampler(seed=0, **parts))
    for study in (plain, other):
        study.optimize(studies.mixed, n_trials=14)
    assert studies.points(plain)[:5] == studies.points(other)[:5]  # the design is the same
    assert studies.points(plain) != studies.points(other)

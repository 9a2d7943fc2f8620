"""What a run has in hand when its storage takes nothing more is in the error that ends it."""

import pickle

import pytest

import bayesopt as bo
from bayesopt.minimize.unsaved import ResultsNotKept
from bayesopt.storage import MemoryStorage, StorageError
from bayesopt.trial import TrialState

SPACE = bo.Space(x=bo.Float(-1, 1))


class Full(MemoryStorage):
    """Takes so many events, and then none; or, ``times`` given, that many refusals later again."""

    def __init__(self, room, times=10**9):
        super().__init__()
        self.room, self.times = room, times

    def append(self, event, /):
        if self.room <= 0 and self.times > 0:
            self.times -= 1
            raise StorageError("the disk is full")
        self.room -= 1
        return super().append(event)


def run(storage, objective, **options):
    calls = []

    def counted(params):
        answer = objective(params)
        calls.append((params, answer))
        return answer

    with pytest.raises(StorageError) as caught:
        bo.minimize(
            counted, SPACE, storage=storage, seed=0, proposer=bo.RandomSearch(), n_trials=30,
            progress=False, **options,
        )  # fmt: skip
    return caught.value, calls


@pytest.mark.parametrize("room", range(1, 9))
@pytest.mark.parametrize("n_workers", [1, 3])
def test_every_evaluation_is_stored_or_handed_back(room, n_workers):
    storage = Full(room)
    error, calls = run(storage, lambda p: {"value": p["x"], "cost": 2.0}, n_workers=n_workers)
    storage.room = 100
    opt = bo.Optimizer(SPACE, storage=storage)
    untold = error.untold if isinstance(error, ResultsNotKept) else []
    for answer in map(dict, untold):
        number, params = answer.pop("number"), answer.pop("params")
        assert opt.trials[number].params == params
        assert opt.tell(number, answer).outcome.cost == 2.0
    complete = [t for t in opt.trials if t.state is TrialState.COMPLETE]
    known = {t.value for t in complete}
    # those that other workers were still at, when the run ended, were not in hand
    lost = [p for p, answer in calls if answer["value"] not in known]
    assert len(lost) <= n_workers - 1
    assert all(t.value == t.params["x"] for t in complete)
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)


def test_a_failure_in_hand_is_handed_back_as_one():
    def broken(params):
        raise ValueError("diverged")

    error, _ = run(Full(2), broken)
    assert [a["error"] for a in error.untold] == ["ValueError: diverged"]


def test_when_there_is_space_again_it_is_told_after_all():
    storage = Full(4, times=1)
    error, calls = run(storage, lambda p: p["x"])
    assert not isinstance(error, ResultsNotKept)
    opt = bo.Optimizer(SPACE, storage=storage)
    assert [t.value for t in opt.trials if t.value is not None] == [answer for _, answer in calls]

"""Early stopping where there are few points: a choice among learners, a short list."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import bayesopt as bo

STEPS = 40
MENU = {"learner": bo.Categorical([f"l{k}" for k in range(9)])}


def train_all(opt: bo.Optimizer, ends: np.ndarray, most: int = 60) -> int:
    """Run until no point is left; the number of asks."""
    for n in range(most):
        try:
            trial = opt.ask()
        except bo.SpaceExhausted:
            return n
        end = float(ends[int(trial.params["learner"][1:])])
        for step in range(1, STEPS + 1):
            opt.report(trial, end + 3.0 / step, step)
            if step < STEPS and opt.should_stop(trial):
                opt.tell_stopped(trial)
                break
        else:
            opt.tell(trial, end)
    raise AssertionError("the run does not end")


@pytest.mark.parametrize("seed", range(4))
def test_where_no_new_point_is_left_the_stopped_ones_are_gone_on_with(seed: int) -> None:
    ends = np.random.default_rng(seed).permutation(9).astype(float)
    opt = bo.Optimizer(MENU, seed=seed)
    asks = train_all(opt, ends)
    assert asks > 9
    assert min(t.value for t in opt.trials if t.value is not None) == 0.0
    looked_at = {t.params["learner"] for t in opt.trials}
    assert len(looked_at) == 9


def test_a_reloaded_run_goes_on_with_the_same_ones(tmp_path: Path) -> None:
    ends = np.arange(9.0)[::-1]
    asks = {}
    for name, again in (("whole", False), ("parts", True)):
        path = tmp_path / f"{name}.db"
        opt = bo.Optimizer(MENU, seed=3, storage=path)
        if again:
            with pytest.raises(AssertionError, match="does not end"):
                train_all(opt, ends, most=12)
            opt.close()
            opt = bo.Optimizer.reopen(path)
        train_all(opt, ends)
        asks[name] = [(t.params["learner"], t.origin, t.state) for t in opt.trials]
        opt.close()
    assert asks["whole"] == asks["parts"]

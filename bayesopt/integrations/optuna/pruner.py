"""The pruner: a stopping rule on a study's intermediate values, with any sampler."""

from __future__ import annotations

from optuna.pruners import BasePruner
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial

from bayesopt.calls import explained
from bayesopt.integrations.optuna.pruned import curves
from bayesopt.stopping import CurveModel, StoppingRule, verdict


class BayesOptPruner(BasePruner):  # type: ignore[misc]
    """Optuna pruner: a trial goes on while it is predicted to end among the best.

    Where trials will end is learned from the complete ones. About half of all steps are spent on
    trials that are finished. What it decides depends on the study's storage alone. For studies
    with one objective.

    Parameters
    ----------
    rule : None: :class:`~bayesopt.CurveModel` after five complete trials. Or another rule of this
        package, such as :class:`~bayesopt.MedianRule`.

    Raises
    ------
    TypeError : for what is no rule.
    """

    @explained
    def __init__(self, rule: StoppingRule | None = None) -> None:
        if not (rule is None or isinstance(rule, StoppingRule)):
            raise TypeError(f"rule must be a StoppingRule such as bo.MedianRule(); got {rule!r}")
        self.rule = CurveModel(n_startup=5, resume=False) if rule is None else rule

    def prune(self, study: Study, trial: FrozenTrial) -> bool:
        """Whether the trial is better ended now."""
        if len(study.directions) != 1:
            raise ValueError("BayesOptPruner is for studies with one objective")
        sign = -1.0 if study.directions[0] is StudyDirection.MAXIMIZE else 1.0
        others = study._storage.get_all_trials(study._study_id, deepcopy=False)
        known = [t for t in others if t.number != trial.number]
        return verdict(self.rule, curves([*known, trial], sign), trial.number) is not None

"""What the sampler's arguments, and the studies it is given to, must be."""

from __future__ import annotations

from optuna.study import Study


def check_objectives(study: Study) -> None:
    """Refuse a study with several objectives."""
    if len(study.directions) > 1:
        raise ValueError(
            f"BayesOptSampler optimises one objective; this study has {len(study.directions)}. "
            "Use another sampler for it, or make constraints of all objectives but one with "
            "trial.set_constraint()"
        )

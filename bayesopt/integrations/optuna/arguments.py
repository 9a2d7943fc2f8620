"""What the sampler's arguments, and the studies it is given to, must be."""

from __future__ import annotations

import numpy as np
from optuna.study import Study


def check_objectives(study: Study) -> None:
    """Refuse a study with several objectives."""
    if len(study.directions) > 1:
        raise ValueError(
            f"BayesOptSampler optimises one objective; this study has {len(study.directions)}. "
            "Use another sampler for it, or make constraints of all objectives but one with "
            "trial.set_constraint()"
        )


def check_whole(name: str, value: object) -> None:
    """Refuse anything but None or a whole number >= 0."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 0:
        raise ValueError(f"{name} must be a whole number >= 0 or None; got {value!r}")


def check_kind(name: str, part: object, kind: type) -> None:
    """Refuse anything but None or an instance of ``kind``."""
    if part is not None and not isinstance(part, kind):
        hint = f"; write {part.__name__}(), an instance" if isinstance(part, type) else ""
        raise TypeError(f"{name} must be a {kind.__name__}; got {part!r}{hint}")


def check_function(name: str, function: object) -> None:
    """Refuse anything but None or a function."""
    if function is not None and not callable(function):
        raise TypeError(f"{name} must be a function of a trial, or None; got {function!r}")

"""Every random stream of a run, in one place, so that no two are the same by accident.

A stream is named by a key below the run's seed (NumPy's spawn keys). A trial draws from the stream
of its number; everything that is no trial has a key that no trial's number reaches.
"""

from __future__ import annotations

import numpy as np

DESIGN = 2**32 - 1  # the initial design
FITTING = 2**32 - 2  # fits of surrogates, together with the number of results
DESCENT = 2**32 - 4  # starting points of gradient descents, together with their number
COVER = 2**32 - 3  # the set of points that the exploring trials of a run share
BEST = 2**32 - 5  # the search for the best point by the model


def stream(seed: int, *key: int) -> np.random.Generator:
    """The random stream of a key below the run's seed."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def trial_stream(seed: int, number: int, attempt: int = 0) -> np.random.Generator:
    """The stream of a trial; another ``attempt`` at the same trial draws from another one."""
    return stream(seed, number, attempt) if attempt else stream(seed, number)


def fitting_stream(seed: int, n_results: int) -> np.random.Generator:
    """The stream of the fits to so many results."""
    return stream(seed, FITTING, n_results)


def design_stream(seed: int) -> np.random.Generator:
    """The stream of the initial design."""
    return stream(seed, DESIGN)


def cover_stream(seed: int) -> np.random.Generator:
    """The stream of the points that the exploring trials share."""
    return stream(seed, COVER)


def descent_stream(seed: int, start: int) -> np.random.Generator:
    """The stream of a descent's starting point."""
    return stream(seed, DESCENT, start)


def best_stream(seed: int) -> np.random.Generator:
    """The stream of the search for the best point by the model."""
    return stream(seed, BEST)

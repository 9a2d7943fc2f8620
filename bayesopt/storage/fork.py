"""Files and forks: what a storage does when its process splits in two."""

from __future__ import annotations

import os
import weakref
from abc import ABC, abstractmethod
from typing import ClassVar


class ForkAware(ABC):
    """Something that must let go before a fork, and start anew on both sides of it.

    Attributes
    ----------
    rank : those of a higher rank come to rest earlier, and go on later.
    """

    rank: ClassVar[int] = 0

    @abstractmethod
    def before_fork(self) -> None:
        """Come to rest, in the process that is about to fork."""

    @abstractmethod
    def after_fork(self, *, child: bool) -> None:
        """Go on, in the parent or in the child."""


def watch(thing: ForkAware) -> None:
    """Tell ``thing`` of every fork for as long as it lives."""
    _watched.add(thing)


_watched: weakref.WeakSet[ForkAware] = weakref.WeakSet()
_resting: list[ForkAware] = []


def _before() -> None:
    _resting[:] = sorted(_watched, key=lambda thing: -thing.rank)
    for thing in _resting:
        thing.before_fork()


def _after(*, child: bool) -> None:
    for thing in reversed(_resting):
        thing.after_fork(child=child)
    _resting.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before,
        after_in_parent=lambda: _after(child=False),
        after_in_child=lambda: _after(child=True),
    )

"""Which of several related problems a point was evaluated on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

from bayesopt.calls import explained_class
from bayesopt.checks import shown

from .choice import Categorical
from .parameter import UNSET


@explained_class
@dataclass(frozen=True, eq=False, repr=False)
class Task(Categorical):
    """Which of several related problems is meant: what is known of the others informs the model.

    Parameters
    ----------
    choices : the problems' names, at least two.
    target : the one to be optimised: all asks are there, unless they are told otherwise with
        ``fixed=``.
    """

    choices: Iterable[Any]
    _: KW_ONLY
    target: Any = UNSET
    role: str = "task"
    _roles: ClassVar[tuple[str, ...]] = ("task",)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.target is UNSET:
            raise TypeError(
                f"Task: say which one is to be optimised: target={shown(self._options[-1])}"
            )
        self.encode(self.target, "Task: target")

    def default_number(self) -> float:
        """That of the target."""
        return self.encode(self.target, "target")

"""User callbacks, called after every trial."""

from __future__ import annotations

import inspect
import logging
import traceback
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from bayesopt.checks import several, shown
from bayesopt.minimize.failures import describe
from bayesopt.text import printable
from bayesopt.trial import Trial

if TYPE_CHECKING:
    from bayesopt.optimizer import Optimizer
    from bayesopt.result import Result

_log = logging.getLogger("bayesopt.minimize")

Callback = Callable[["Optimizer", Trial], object]

_FRAMES = 4  # of a traceback, the innermost, that are shown


def read_callbacks(given: object) -> tuple[Callback, ...]:
    """One function, or several, that can be called as ``callback(optimizer, trial)``.

    Raises
    ------
    TypeError : for anything else.
    """
    if given is None:
        return ()
    what = "a function of (optimizer, trial), or several"
    read = (given,) if callable(given) else tuple(several("'callbacks'", given, what))
    for callback in read:
        if not callable(callback):
            raise TypeError(
                f"'callbacks' must be functions of (optimizer, trial); got {shown(callback)}"
            )
        _check_signature(callback)
    return read


class Callbacks:
    """Calls them; one that raises is reported and ends nothing."""

    def __init__(self, functions: Iterable[Callback]) -> None:
        self._functions = tuple(functions)
        self._raised = dict.fromkeys(range(len(self._functions)), 0)

    def call(self, optimizer: Optimizer, trial: Trial) -> bool:
        """Call every callback with a finished trial; whether one of them asks to stop."""
        return sum(self._call(i, optimizer, trial) for i in range(len(self._functions))) > 0

    def end(self, result: Result) -> None:
        """Tell those that have a method ``end`` how the run ended."""
        for function in self._functions:
            end = getattr(function, "end", None)
            if not callable(end):
                continue
            try:
                end(result)
            except Exception as error:
                what = printable(describe(error))
                _log.warning("the end of the callback %s raised %s", _name(function), what)

    def close(self) -> None:
        """Say how often each raised, when that was not said yet."""
        for i, times in self._raised.items():
            if times > 1:
                _log.warning("the callback %s raised %d times", _name(self._functions[i]), times)

    def _call(self, i: int, optimizer: Optimizer, trial: Trial) -> bool:
        try:
            answer = self._functions[i](optimizer, trial)
            # a comparison of NumPy numbers is no True of Python's; other values ask for nothing
            return answer is True or (type(answer).__name__ in ("bool", "bool_") and bool(answer))
        except StopIteration:
            return True
        except Exception as error:
            inside = error.__traceback__ and error.__traceback__.tb_next
            lines = traceback.format_exception(type(error), error, inside, limit=-_FRAMES)
            _log.log(
                logging.DEBUG if self._raised[i] else logging.WARNING,
                "the callback %s raised %s after trial %d; the run goes on\n%s",
                _name(self._functions[i]),
                printable(describe(error)),
                trial.number,
                printable("".join(lines).rstrip()),
            )
            self._raised[i] += 1
            return False


def _check_signature(callback: Callback) -> None:
    try:
        signature = inspect.signature(callback)
    except (TypeError, ValueError):  # some builtins have none
        return
    try:
        signature.bind(None, None)
    except TypeError as error:
        raise TypeError(
            f"'callbacks': {_name(callback)}{signature} is called as callback(optimizer, trial): "
            f"{error}"
        ) from None


def _name(callback: object) -> str:
    return str(getattr(callback, "__qualname__", None) or repr(callback))

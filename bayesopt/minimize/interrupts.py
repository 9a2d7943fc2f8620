"""Signals that end a run: taken where it is safe, none lost, each known by its name.

Light to import: the command line needs it before anything else.
"""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from bayesopt.result import Stop

_STOPS = {"SIGINT": "INTERRUPTED", "SIGTERM": "TERMINATED", "SIGHUP": "HANGUP"}
_AGAIN = 0.05  # seconds until a signal that came during an import or compilation is raised again
_WHOLE = {"importlib._bootstrap", "numba.core.dispatcher"}  # on the stack: not to be broken off
_INSISTENT = 3  # so many signals break off even what is not to be interrupted


class Interrupted(KeyboardInterrupt):
    """A signal asked the program to end."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


class Signals:
    """While entered, the signals raise :class:`Interrupted` in the main thread, but

    - not inside an import, nor while numba compiles or loads a function: a module that is half
      imported cannot be imported again, numba with half of its types cannot compile, and what
      follows, the result above all, needs both. It is raised when that is through;
    - not while :meth:`held`; the third signal is raised there too.

    One that was raised where Python must ignore it (a finaliser, a callback from C) is raised
    again. What else Python ignores is shown until a signal came, and no longer after it.

    Parameters
    ----------
    names : of the signals; one that the system does not know, or that this process was told to
        ignore (``nohup``), is left alone.

    Attributes
    ----------
    number : the first signal that came, or None.
    due : a signal came that was not raised yet.
    """

    def __init__(self, *names: str) -> None:
        self.number: int | None = None
        self.due = False
        self._names = names
        self._count = 0
        self._held = False
        self._raises_again = False
        self._waits = False  # a thread is about to raise a signal again
        self._over = False
        self._inside = 0  # the program itself may run inside an import
        self._before: dict[int, Any] = {}
        self._outer: Signals | None = None
        self._hook: Callable[[Any], object] = sys.unraisablehook

    def __enter__(self) -> Self:
        global _active
        self._outer, _active = _active, self
        self._inside = _depth(sys._getframe())
        self._hook, sys.unraisablehook = sys.unraisablehook, self._ignored
        for name in self._names:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._came)
        return self

    def __exit__(self, *error: object) -> None:
        global _active  # noqa: PLW0603
        self._held = self._over = True
        for number, handler in self._before.items():
            signal.signal(number, handler)
        sys.unraisablehook = self._hook
        _active = self._outer

    @contextmanager
    def held(self) -> Iterator[None]:
        """What is done here is not interrupted; a signal that comes is ``due``."""
        before, self._held = self._held, True
        try:
            yield
        finally:
            self._held = before

    @contextmanager
    def released(self) -> Iterator[None]:
        """What is done here can be interrupted, also within :meth:`held`; what is due comes."""
        before, self._held = self._held, False
        try:
            if self.due:
                self._raise()
            yield
        finally:
            self._held = before

    def mute(self) -> None:
        """Ignore the signals from now on: the program is at its end."""
        for number in self._before:
            signal.signal(number, signal.SIG_IGN)
        self._before = {}

    def _came(self, number: int, frame: FrameType | None) -> None:
        again, self._raises_again = self._raises_again, False
        if not again:
            self._count += 1
            self.number = number if self.number is None else self.number
        self.due = True
        insists = self._count >= _INSISTENT and not again
        if insists:
            self._raise()
        elif _depth(frame) > self._inside:
            self._raise_later()
        elif not self._held:
            self._raise()

    def _raise(self) -> None:
        self.due = False
        if self.number is not None:
            raise Interrupted(self.number)

    def _raise_later(self) -> None:
        def again() -> None:
            time.sleep(_AGAIN)
            self._waits = False
            if self.due and not self._over:
                self._raises_again = True
                _thread.interrupt_main(signal.Signals(self.number or signal.SIGINT))

        if not self._waits:
            self._waits = True
            # not threading.Thread: this may run while the main thread holds that module's locks
            _thread.start_new_thread(again, ())

    def _ignored(self, unraisable: Any) -> None:
        if isinstance(unraisable.exc_value, Interrupted):
            self.due = True
            self._raise_later()
        elif self.number is None:
            self._hook(unraisable)
        # else: most likely an object whose making was broken off, and whose finaliser finds half


_active: Signals | None = None


def signals() -> Signals:
    """Those that are entered; where none are, some that never come."""
    return Signals() if _active is None else _active


@contextmanager
def keyboard() -> Iterator[Signals]:
    """The signals of the program; where it has none, Ctrl-C with the meaning Python gives it.

    A handler of the user's own stays, and so does every signal of other threads.
    """
    if (
        _active is not None
        or threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        yield signals()
        return
    with Signals("SIGINT") as entered:
        yield entered


def ignore_interrupts() -> None:
    """Leave Ctrl-C to the process that started this one, which ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def stop_of(error: KeyboardInterrupt) -> Stop:
    """Why a run ended that was interrupted."""
    from bayesopt.result import Stop

    number = error.number if isinstance(error, Interrupted) else signal.SIGINT
    return Stop[_STOPS[signal.Signals(number).name]]


def _depth(frame: FrameType | None) -> int:
    """How many frames of the import system and of numba's compiler the program is inside."""
    count = 0
    while frame is not None:
        count += frame.f_globals.get("__name__") in _WHOLE
        frame = frame.f_back
    return count

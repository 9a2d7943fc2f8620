"""What a call of the optimizer holds, and how it lets go of it wherever it is interrupted.

Both are classes, and not generators: Ctrl-C may leave a generator half run, and its clean-up would
come at some later time.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING

from bayesopt.optimizer.history import History

if TYPE_CHECKING:
    from bayesopt.optimizer.ledger import Ledger


class WholeCall(AbstractContextManager[None]):
    """Around a public call: however it ends, this thread then holds no more than before it.

    It takes nothing itself, so that there is no moment at which it could be interrupted.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._first = not ledger.lock.mine
        self._free = not ledger.storage.busy

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None or not self._first:
            return
        if self._free:
            self._ledger.storage.let_go()
        if not isinstance(error, Exception):  # it may have come between two halves of anything
            self._ledger.stale = True
        self._ledger.lock.let_go()


class Transaction(AbstractContextManager[History]):
    """All events have been seen, and nobody else adds one meanwhile."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._stored = ledger.storage.exclusive()

    def __enter__(self) -> History:
        ledger = self._ledger
        self._first, self._free = not ledger.lock.mine, not ledger.storage.busy
        self._seen = ledger.seen
        entered = False
        try:
            if self._first:
                ledger.lock.take()
            self._stored.__enter__()
            entered = True
            ledger.sync()
            self._seen = ledger.seen
            return ledger.history
        except BaseException as error:
            if entered:
                self.__exit__(type(error), error, error.__traceback__)
            elif self._free:
                ledger.storage.let_go()
            if self._first:
                ledger.lock.let_go()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        ledger, kept = self._ledger, False
        try:
            self._stored.__exit__(kind, error, traceback)
            kept = error is None
        finally:
            if not kept and ledger.seen != self._seen:
                ledger.stale = True  # taken in, but not kept (a full disk, Ctrl-C): read anew
            if self._first:
                ledger.lock.let_go()

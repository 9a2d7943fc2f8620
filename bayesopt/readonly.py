"""Dicts and lists that cannot be changed: what is handed out stays what is stored.

They are dicts and lists to everything that reads them (``**``, ``json``, ``==``, ``isinstance``);
their copies, shallow or deep, are plain ones that belong to whoever made them.
"""

from __future__ import annotations

import copy
from typing import Any, NoReturn

from bayesopt.checks import not_too_deep


class ReadOnlyDict(dict[Any, Any]):
    """A dict that refuses changes."""

    __slots__ = ()

    def _refuse(self, *_args: Any, **_options: Any) -> NoReturn:
        raise TypeError(
            "this mapping is the record of a trial and cannot be changed; "
            "change a copy of it: dict(...), or copy.deepcopy(...) where it is nested"
        )

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __copy__(self) -> dict[Any, Any]:
        return dict(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[Any, Any]:
        return {key: copy.deepcopy(value, memo) for key, value in self.items()}

    def __reduce__(self) -> tuple[Any, ...]:
        return ReadOnlyDict, (dict(self),)


class ReadOnlyList(list[Any]):
    """A list that refuses changes."""

    __slots__ = ()

    def _refuse(self, *_args: Any, **_options: Any) -> NoReturn:
        raise TypeError(
            "this list is part of the record of a trial and cannot be changed; "
            "change a copy of it: list(...), or copy.deepcopy(...) where it is nested"
        )

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = clear = extend = insert = pop = remove = _refuse
    reverse = sort = _refuse

    def __copy__(self) -> list[Any]:
        return list(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> list[Any]:
        return [copy.deepcopy(value, memo) for value in self]

    def __reduce__(self) -> tuple[Any, ...]:
        return ReadOnlyList, (list(self),)


_CHANGEABLE = frozenset((dict, list, tuple))
_KEPT = frozenset((bool, float, int, str, type(None)))


def read_only(value: Any) -> Any:
    """``value`` with all its dicts, lists and tuples, at any depth, replaced by read-only ones.

    Anything else stays the object that it is.

    Raises
    ------
    ValueError : when it is nested too deeply, or contains itself.
    """
    kind = type(value)
    if kind not in _CHANGEABLE:
        return value
    if kind is dict and _KEPT.issuperset(map(type, value.values())):
        return ReadOnlyDict(value)  # nothing in it can be changed: the quick way
    with not_too_deep("what is to be kept"):
        return _read_only(value)


def _read_only(value: Any) -> Any:
    kind = type(value)
    if kind is dict:
        return ReadOnlyDict({key: _read_only(item) for key, item in value.items()})
    if kind is list:
        return ReadOnlyList([_read_only(item) for item in value])
    if kind is tuple:
        return tuple([_read_only(item) for item in value])
    return value

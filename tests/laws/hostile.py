"""Values of every kind that a user, a file or a mistake can hand to a function."""

from fractions import Fraction

import numpy as np
from hypothesis import strategies as st


class Raises:
    """All that Python may ask of an object raises."""

    def _no(self, *args, **kwargs):
        raise RuntimeError("asked")

    __repr__ = __str__ = __float__ = __int__ = __index__ = __bool__ = __len__ = __iter__ = _no
    __eq__ = __hash__ = __lt__ = __getitem__ = __contains__ = __array__ = __format__ = _no


class OddNumber(Fraction):
    """A number by its type, whose conversions raise."""

    def __float__(self):
        raise RuntimeError("asked")

    def __repr__(self):
        raise RuntimeError("asked")


def nested(depth, inner=0.0):
    """A list in a list in a list."""
    for _ in range(depth):
        inner = [inner]
    return inner


_deep = nested(100_000)
_loop: list = []
_loop.append(_loop)

SINGLE = [
    None,
    True,
    False,
    0,
    1,
    -1,
    3,
    2**31,
    2**53 + 1,
    2**64,
    10**400,
    -(10**400),
    10**5000,
    0.0,
    -0.0,
    0.5,
    1e-320,
    1e155,
    1e300,
    1.7e308,
    float("inf"),
    float("-inf"),
    float("nan"),
    1 + 2j,
    Fraction(10**400),
    Fraction(1, 3),
    OddNumber(1, 3),
    "",
    "x",
    "0.5",
    "\x1b[31m\x00",
    "\ud800",
    "y" * 5000,
    b"",
    b"x\xff",
    bytearray(b"x"),
    [],
    [0.5],
    [None],
    (),
    (1, 2),
    set(),
    frozenset({1}),
    {},
    {"x": 0.5},
    {"value": 1.0},
    {1: 2},
    {None: None},
    range(3),
    _deep,
    _loop,
    np.float64(0.5),
    np.float32(0.5),
    np.int64(3),
    np.bool_(True),
    np.array(0.5),
    np.array([0.5]),
    np.zeros((2, 2)),
    np.array(["a", None], dtype=object),
    np.datetime64("2020-01-01"),
    float,
    len,
    Exception("boom"),
    Ellipsis,
    NotImplemented,
    object(),
    Raises(),
    Raises,
]

# by number: hypothesis looks into what it draws, which some of these do not take kindly
kinds = st.integers(0, len(SINGLE) - 1)

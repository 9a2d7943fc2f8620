"""Scrambled Sobol points: SciPy's, bit for bit, without the time that loading SciPy's takes.

``scipy.stats`` is half a second of a process; the points of a design are needed before anything
else. More than 52 dimensions come from SciPy.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Words = NDArray[np.uint32]

_BITS = 30

# Joe & Kuo 2008 (criterion D6), dimensions 2 to 52: primitive polynomial, first direction numbers
_TABLE = """
3:1 7:1,3 11:1,3,1 13:1,1,1 19:1,1,3,3 25:1,3,5,13 37:1,1,5,5,17 41:1,1,5,5,5 47:1,1,7,11,19
55:1,1,5,1,1 59:1,1,1,3,11 61:1,3,5,5,31 67:1,3,3,9,7,49 91:1,1,1,15,21,21 97:1,3,1,13,27,49
103:1,1,1,15,7,5 109:1,3,1,15,13,25 115:1,1,5,5,19,61 131:1,3,7,11,23,15,103
137:1,3,7,13,13,15,69 143:1,1,3,13,7,35,63 145:1,3,5,9,1,25,53 157:1,3,1,13,9,35,107
167:1,3,1,5,27,61,31 171:1,1,5,11,19,41,61 185:1,3,5,3,3,13,69 191:1,1,7,13,1,19,1
193:1,3,7,5,13,19,59 203:1,1,3,9,25,29,41 211:1,3,5,13,23,1,55 213:1,3,7,3,13,59,17
229:1,3,1,3,5,53,69 239:1,1,5,5,23,33,13 241:1,1,7,7,1,61,123 247:1,1,7,9,13,61,49
253:1,3,3,5,3,55,33 285:1,3,1,15,31,13,49,245 299:1,3,5,15,31,59,63,97
301:1,3,1,11,11,11,77,249 333:1,3,1,11,27,43,71,9 351:1,1,7,15,21,11,81,45
355:1,3,7,3,25,31,65,79 357:1,3,1,1,19,11,3,205 361:1,1,5,9,19,21,29,157
369:1,3,7,11,1,33,89,185 391:1,3,3,3,15,9,79,71 397:1,3,7,11,15,39,119,27
425:1,1,3,1,11,31,97,225 451:1,1,1,3,23,43,57,177 463:1,3,7,7,17,17,37,71
487:1,3,1,5,27,63,123,213
"""


def sobol_points(p: int, log2_n: int, rng: np.random.Generator) -> Floats:
    """The first 2**log2_n Sobol points (n, p), p >= 1, with a random linear scramble and shift.

    The scramble is that of Matousek (1998); it has a generator of its own, spawned by ``rng``, as
    in SciPy.
    """
    if p > 1 + len(_TABLE.split()):
        from scipy.stats import qmc

        return np.asarray(qmc.Sobol(p, scramble=True, rng=rng).random_base2(log2_n))
    own = rng.spawn(1)[0]
    powers = np.uint32(1) << np.arange(_BITS, dtype=np.uint32)
    shift = own.integers(2, size=(p, _BITS), dtype=np.uint32) @ powers
    lower = np.tril(own.integers(2, size=(p, _BITS, _BITS), dtype=np.uint32))
    lower[:, np.arange(_BITS), np.arange(_BITS)] = 1
    scrambled = powers[::-1] @ (lower @ _directions(p) % 2)  # (p, bits)
    # Gray code: the next point differs in the direction of the counter's last 0
    counter = np.arange(2**log2_n - 1)
    last_zero = np.log2(~counter & (counter + 1)).astype(np.int64)
    steps = np.concatenate([shift[None, :], scrambled.T[last_zero]])
    return np.bitwise_xor.accumulate(steps, axis=0) * 0.5**_BITS


@cache
def _directions(p: int) -> Words:
    """Bits (p, bits, bits) of the direction numbers: [dimension, bit from the left, number]."""
    v = np.ones((p, _BITS), dtype=np.int64)
    for d, entry in enumerate(_TABLE.split()[: p - 1], 1):
        polynomial, _, first = entry.partition(":")
        m = [int(number) for number in first.split(",")]
        coefficients = [int(bit) for bit in f"{int(polynomial):b}"[1:]]
        for j in range(len(m), _BITS):  # Bratley & Fox 1988, section 2
            new = m[j - len(coefficients)]
            for k, coefficient in enumerate(coefficients, 1):
                new ^= coefficient * (m[j - k] << k)
            m.append(new)
        v[d] = m
    v <<= np.arange(_BITS - 1, -1, -1)
    return (v[:, None, :] >> np.arange(_BITS - 1, -1, -1)[:, None] & 1).astype(np.uint32)

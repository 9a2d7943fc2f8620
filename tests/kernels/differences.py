"""Central differences: the second route to what a kernel says of slopes."""

import numpy as np


def slopes(number, x, h=1e-6):
    """Derivatives, of the shape of ``x``, of a number that depends on an array."""
    found = np.empty_like(x)
    for place in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[place] = h
        found[place] = (number(x + e) - number(x - e)) / (2 * h)
    return found

"""Compiled loops of the engine: arrays in, arrays out, no state.

Nothing is imported here: a kernel file compiles (or loads its cache) when it is first used, and
each file is closed, that is, it calls and reads nothing of another file, because numba's cache is
keyed by the text of the file alone.
"""

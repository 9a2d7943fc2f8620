"""The written form of an event, and how a damaged one is told."""

from __future__ import annotations

import json
import math
import re
import struct
import time
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

Record = dict[str, Any]
Written = tuple[float, str | None, str, str]  # time, worker, kind, JSON of the rest

DEEPEST = 200  # lists and mappings within each other; Python's own reader stops near 1000
_HEAD = struct.Struct("<qdii")
# only such numbers may be beyond the floats; apart, each search is the quicker
_EXPONENT, _MANY_DIGITS = re.compile(r"[0-9.][eE]\+?[0-9]"), re.compile(r"[0-9]{300}")
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)


class DamagedRecord(ValueError):
    """What was read is nothing that was written; the message says why."""


def encode(event: Mapping[str, Any]) -> Written:
    """Check an event and write it as ``(time, worker, kind, JSON of the rest)``."""
    if not isinstance(event, Mapping):
        raise TypeError(f"an event must be a mapping; got {type(event).__name__}")
    rest = dict(event)
    kind = rest.pop("kind", None)
    if not (isinstance(kind, str) and kind):
        raise ValueError(f"an event needs a 'kind', a word; got {kind!r}")
    stamp = rest.pop("time", None)
    stamp = time.time() if stamp is None else stamp
    if not (isinstance(stamp, (int, float)) and math.isfinite(stamp)):
        raise ValueError(f"'time' of event {kind!r} must be seconds (epoch); got {stamp!r}")
    worker = rest.pop("worker", None)
    if not (worker is None or isinstance(worker, str)):
        raise TypeError(f"'worker' of event {kind!r} must be a string or absent; got {worker!r}")
    body = json.dumps(_plain(rest, kind, 1), allow_nan=False, separators=(",", ":"))
    return float(stamp) + 0.0, worker, kind, body  # SQLite keeps no -0.0


def decode(stamp: object, worker: object, kind: object, body: object) -> Record:
    """The event that :func:`encode` wrote.

    Raises
    ------
    DamagedRecord : for what it cannot have written.
    """
    if not (isinstance(stamp, float) and math.isfinite(stamp)):
        raise DamagedRecord("its time is no number")
    if not (isinstance(kind, str) and kind):
        raise DamagedRecord("its kind is no word")
    if not (worker is None or isinstance(worker, str)):
        raise DamagedRecord("its worker is no text")
    rest = _parse(body)
    event: Record = {"kind": kind, "time": stamp}
    if worker is not None:
        event["worker"] = worker
    if not event.keys().isdisjoint(rest):
        raise DamagedRecord("its body names its kind, time or worker anew")
    event.update(rest)
    return event


def checksum(seq: int, stamp: float, worker: bytes | None, kind: bytes, body: bytes) -> int:
    """CRC-32 of all there is in an event, as SQLite stores it in the fewest bytes (signed)."""
    length = -1 if worker is None else len(worker)
    head = _HEAD.pack(seq, stamp, length, len(kind)) + (worker or b"") + kind
    crc = zlib.crc32(body, zlib.crc32(head))
    return crc - 2**32 if crc >= 2**31 else crc


def _parse(body: object) -> Record:
    if not isinstance(body, str):
        raise DamagedRecord("its body is no text")
    if body.count("[") + body.count("{") > DEEPEST and _depth(body) > DEEPEST:
        raise DamagedRecord(f"its body is nested more than {DEEPEST} deep")
    try:
        rest = _decoded(_JSON if _may_be_large(body) else _JSON_OF_SMALL, body)
    except ValueError as error:  # JSONDecodeError among them
        raise DamagedRecord(f"its body is no JSON ({error})") from None
    if not isinstance(rest, dict):
        raise DamagedRecord("its body is no JSON mapping")
    return rest


def _may_be_large(body: str) -> bool:
    found = _EXPONENT.search(body) or (len(body) >= 300 and _MANY_DIGITS.search(body))
    return bool(found)


def _decoded(decoder: json.JSONDecoder, body: str) -> Any:
    if body.startswith("{"):  # as it is written: without looking for white space around it
        rest, end = decoder.raw_decode(body)
        if end == len(body):
            return rest
    return decoder.decode(body)


def _depth(body: str) -> int:
    """How deep the brackets outside of strings are nested."""
    if "\\" not in body:  # every quotation mark begins or ends a string
        text = np.frombuffer(body.encode(errors="replace"), dtype=np.uint8)
        outside = np.cumsum(text == ord('"')) % 2 == 0
        opened = np.isin(text, list(b"[{")) & outside
        closed = np.isin(text, list(b"]}")) & outside
        return int(np.cumsum(opened.astype(np.int64) - closed).max(initial=0))
    depth = deepest = 0
    for found in _BRACKETS.finditer(body):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        deepest = max(deepest, depth)
    return deepest


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:40]} is too large")
    return value


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number of JSON")


_JSON_OF_SMALL = json.JSONDecoder(parse_constant=_no_number)
_JSON = json.JSONDecoder(parse_float=_finite, parse_constant=_no_number)


def _is_key(key: object, where: str) -> bool:
    if not isinstance(key, str):
        raise TypeError(f"{where}: keys of a JSON mapping must be strings; got {key!r}")
    return True


def _plain(value: Any, where: str, depth: int) -> Any:
    """``value`` in exact JSON types; NumPy scalars and arrays become numbers and lists."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{where} is {value}, which is not JSON; write null instead")
        return float(value)
    if isinstance(value, int):
        return int(value)
    if depth > DEEPEST and isinstance(value, (Mapping, list, tuple)):
        raise ValueError(f"{where[:80]}... is nested more than {DEEPEST} deep; keep it in a file")
    if isinstance(value, Mapping):
        return {
            k: _plain(v, f"{where}[{k!r}]", depth + 1)
            for k, v in value.items()
            if _is_key(k, where)
        }
    if isinstance(value, (list, tuple)):
        return [_plain(v, f"{where}[{i}]", depth + 1) for i, v in enumerate(value)]
    if hasattr(value, "tolist"):  # numpy.ndarray and numpy.generic, without importing NumPy
        return _plain(value.tolist(), where, depth)
    raise TypeError(f"{where} is a {type(value).__name__}, which JSON cannot express")

"""A trial's proposal where other workers see it: in the study's system attributes.

A running trial shows a parameter only once the objective has asked for it. Optuna's own samplers
share proposals in the trials' system attributes, which ``study.trials_dataframe()`` shows as
columns; the study's are shown nowhere.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from optuna.study import Study
from optuna.trial import FrozenTrial

_KEY = "bayesopt:proposal"
_FAILED = "bayesopt:failed"
_CHUNK = 2045  # characters of an attribute that every database takes
_LARGEST_STATE = 65_536


@dataclass(frozen=True)
class Published:
    """What a trial says of its proposal.

    Attributes
    ----------
    numbers : the active parameters' numbers by name.
    state : what the next fit starts from; empty when it is the same as before.
    columns : fingerprint of the columns that ``state`` is for.
    """

    numbers: Mapping[str, float]
    state: Mapping[str, Any] = field(default_factory=dict)
    columns: str = ""


def publish(study: Study, number: int, published: Published) -> None:
    """Write the proposal of a trial, over one that may be there."""
    content: dict[str, Any] = {"numbers": dict(published.numbers)}
    state = json.dumps(published.state)
    if published.state and len(state) <= _LARGEST_STATE:
        content |= {"state": published.state, "columns": published.columns}
    body = json.dumps(content, separators=(",", ":"))
    text = f"{zlib.crc32(body.encode()):08x}{len(body):08d}{body}"
    chunks = [text[i : i + _CHUNK] for i in range(0, len(text), _CHUNK)]
    for i in reversed(range(len(chunks))):  # the beginning last: nobody reads an unfinished text
        study._storage.set_study_system_attr(study._study_id, f"{_KEY}:{number}:{i}", chunks[i])


def mark_failed(study: Study, trial: FrozenTrial) -> None:
    """Note that the objective failed, as distinct from a worker that was lost."""
    study._storage.set_study_system_attr(study._study_id, f"{_FAILED}:{trial.number}", True)


class Board:
    """What the trials of a study have published, up to now.

    Parameters
    ----------
    study : whose storage is read, once.
    """

    def __init__(self, study: Study) -> None:
        # some storages give the very dict that other threads write to: only looked up in
        self._attributes = study._storage.get_study_system_attrs(study._study_id)

    def published(self, number: int) -> Published | None:
        """A trial's proposal; None when it has none, or one half overwritten."""
        text, i = "", 0
        while (chunk := self._attributes.get(f"{_KEY}:{number}:{i}")) is not None:
            text += chunk
            i += 1
        try:
            body = text[16 : 16 + int(text[8:16])]
            if zlib.crc32(body.encode()) != int(text[:8], 16):
                return None
            content = json.loads(body)
        except ValueError:
            return None
        return Published(content["numbers"], content.get("state", {}), content.get("columns", ""))

    def marked_failed(self, trial: FrozenTrial) -> bool:
        """Whether the objective failed under this sampler's eyes."""
        mine = self._attributes.get(f"{_FAILED}:{trial.number}")
        return bool(mine or trial.system_attrs.get(_FAILED))  # in studies of the first version

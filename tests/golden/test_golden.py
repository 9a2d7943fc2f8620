"""The script that compares versions finds a changed trial, and nothing where all is the same."""

import json

import pytest

from tests.golden import golden


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    monkeypatch.setattr(golden, "SEEDS", (1,))
    assert golden.main("record", str(tmp_path), "table") == 0
    return tmp_path


def test_the_same_version_gives_the_same_trials(recorded, capsys):
    assert golden.main("check", str(recorded), "table") == 0
    assert "table-1.json: equal" in capsys.readouterr().out


def test_a_difference_in_the_last_bit_is_found_and_named(recorded, capsys):
    path = recorded / "table-1.json"
    trials = json.loads(path.read_text())
    trials[7]["value"] = (float.fromhex(trials[7]["value"]) + 1e-15).hex()
    path.write_text(json.dumps(trials))
    assert golden.main("check", str(recorded), "table") == 1
    assert "DIFFERENT from trial 7 on" in capsys.readouterr().out

"""The published comparisons' arithmetic, and the latency table, without running anything long."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import latency
from benchmarks.published import arylation, bayesmark, bbob
from benchmarks.published.bayesmark_space import back, forth, translate
from benchmarks.rivals.process import environments_folder
from benchmarks.space import Space
from benchmarks.store import Run

CONFIG = {
    "C": {"type": "real", "space": "log", "range": (1.0, 1e3)},
    "share": {"type": "real", "space": "logit", "range": (0.01, 0.99)},
    "depth": {"type": "int", "space": "linear", "range": (1, 15)},
    "warm": {"type": "bool"},
    "solver": {"type": "cat", "values": ["adam", "sgd"]},
}


@given(st.lists(st.floats(0, 1), min_size=5, max_size=5))
def test_bayesmarks_space_there_and_back(u):
    space = Space.from_json(translate(CONFIG))
    point = space.from_unit(u)
    theirs = back(CONFIG, point)
    assert 0.01 <= theirs["share"] <= 0.99
    again = forth(CONFIG, theirs)
    assert again.pop("share") == pytest.approx(point.pop("share"), abs=1e-9)
    assert again == point
    assert {type(theirs[k]) for k in ("depth", "warm", "solver")} == {int, bool, str}


def test_bayesmarks_score_is_read_from_its_analysis():
    losses = {"_visible_to_opt": {"bayesopt_x.x.x_abc": 0.05}}
    held = {"generalization": {"bayesopt_x.x.x_abc": 0.5}}
    text = "".join(f"Final scores (JSON):\n\n{json.dumps(x)}\n\n" for x in (losses, held))
    assert bayesmark.final_scores(text) == {
        "visible": {"bayesopt": pytest.approx(95.0)},
        "generalization": {"bayesopt": pytest.approx(50.0)},
    }


def test_bbob_targets_by_hand():
    """A gap of 1 reaches the targets 1e2 to 1e0: 11 of 51; one of 1e-8 reaches all."""
    evaluations = [{"true": 8.0}] * 99 + [{"true": 7.0 + 1e-8}] + [{"true": 7.0}] * 150
    run = Run({"optimum": 7.0}, evaluations, [])
    # 10 D = 50 evaluations; the tiny slack is for 8 - 7 in floating point
    assert bbob.fractions([run], 5)[10] == pytest.approx(11 / 51)
    assert bbob.fractions([run], 5)[50] == 1.0


def test_arylations_table(tmp_path):
    (tmp_path / "edbo").mkdir()
    head = ",".join(["", *map(str, range(50))])
    rows = ["0," + ",".join(["50"] * 49 + ["100"]), "1," + ",".join(["60"] * 50)]
    path = tmp_path / "edbo" / "arylation_bo_results_GP-EI_bs=5.csv"
    path.write_text("\n".join([head, *rows]))
    games = "area,yield_1,yield_2,yield_3\nPharma,10,40,\n"
    (tmp_path / "edbo" / "arylation_game_summary.csv").write_text(games)
    found = arylation.published(tmp_path)
    assert found["chemists"][0, [0, 1, 49]].tolist() == [10.0, 40.0, 40.0]
    lines = arylation.table(found, 50).splitlines()
    assert lines[2].startswith("| GP-EI with descriptors (authors) | 2 | 55.0 |")
    assert lines[2].endswith("| 80.0 | 50 % |")


def test_latency_measures_ask_and_tell_at_a_size():
    record = latency.measure("bayesopt", "12x3", environments_folder(), limit=0.0)
    assert len(record["asks"]) == 3
    assert all(a["cpu"] > 0 for a in record["asks"])
    assert record["peak_mb"] > 10


def test_a_method_that_is_too_slow_is_said_so(tmp_path, capsys):
    """With a hundredth of a second not even the first ask is made."""
    given = ["--methods", "bayesopt", "--settings", "12x3", "--timeout", "0.01"]
    given += ["--output", str(tmp_path / "raw.jsonl")]
    assert latency.main(given) == 0
    assert "| 12x3 | bayesopt | ask took longer than 0.01 s | – |" in capsys.readouterr().out
    raw = tmp_path / "raw.jsonl"
    assert latency.main([*given[:2], "--settings", "--read", str(raw), *given[-2:]]) == 0
    assert "ask took longer" in capsys.readouterr().out


def test_latency_table_exponents_and_plot(tmp_path):
    def record(name, n, seconds, d=10):
        asks = [{"cpu": seconds, "wall": seconds}] * 3
        return {
            "method": name,
            "setting": f"{n}x{d}",
            "asks": asks,
            "first": {"cpu": 1.0, "wall": 1.0},
            "peak_mb": 5.0,
        }

    records = [record("bayesopt", n, 1e-6 * n**2) for n in (100, 1000)]
    records += [record("optuna-gp", n, 1e-5 * n**2) for n in (100, 1000)]
    assert latency.exponents(records) == pytest.approx({"bayesopt": 2.0, "optuna-gp": 2.0})
    assert "| 1000x10 | optuna-gp | 10.0000 |" in latency.table(records)
    assert latency.table(records).count("| 10.0 |") == 2
    records += [record("bayesopt", 100, 0.01 * 4**0.5, 40), record("bayesopt", 100, 3.0, "mixed")]
    assert latency.exponents(records, by="d") == pytest.approx({"bayesopt": 0.5})
    latency.plot(records, tmp_path / "growth.png")
    assert (tmp_path / "growth.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("setting", ["100x10", "100xmixed"])
def test_latency_settings(setting):
    n, space = latency.space_of(setting)
    assert n == 100
    assert len(space.parameters) == 10
    rng = np.random.default_rng(0)
    values = {latency.objective(space, space.from_unit(u)) for u in rng.random((5, 10)).tolist()}
    assert len(values) == 5

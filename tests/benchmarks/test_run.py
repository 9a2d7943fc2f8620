"""The runner from the command line: resumption after a kill, a tiny suite, a user's problem."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks import keep, report, store
from benchmarks.run import main

ROOT = Path(__file__).resolve().parents[2]
TINY = ["synthetic/branin-d2", "mixed/ackley-f2-i2-c2x5", "noisy/branin-d2-s20"]


def files(folder):
    return {p.relative_to(folder): store.without_times(p) for p in folder.glob("*/*/seed-*.jsonl")}


def arguments(folder, *, seeds=2, budget=8):
    return [
        *TINY,
        "--methods",
        "random",
        "grid",
        "--seeds",
        str(seeds),
        "--budget",
        str(budget),
        "--quiet",
        "--results",
        str(folder),
    ]


def test_killed_and_resumed_equals_undisturbed(tmp_path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert main(arguments(whole, seeds=4)) == 0
    command = [sys.executable, "-m", "benchmarks.run", *arguments(broken, seeds=4)]
    child = subprocess.Popen(command, cwd=ROOT, start_new_session=True, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 300
    while len(files(broken)) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    done = files(broken)
    kept = {p: (broken / p).stat().st_mtime_ns for p in done}
    assert 0 < len(done) < len(files(whole)), (
        "the kill came too early or too late to show anything"
    )
    assert main(arguments(broken, seeds=4)) == 0
    assert files(broken) == files(whole)
    assert all((broken / p).stat().st_mtime_ns == stamp for p, stamp in kept.items()), (
        "a run was repeated"
    )


def test_nothing_is_done_twice(tmp_path, capsys):
    main(arguments(tmp_path, seeds=1))
    capsys.readouterr()
    assert main(arguments(tmp_path, seeds=1)) == 0
    assert "nothing to do" in capsys.readouterr().out


def test_two_methods_end_to_end(tmp_path):
    runs, out = tmp_path / "runs", tmp_path / "report"
    given = [
        *TINY[1:],
        "--methods",
        "random",
        "bayesopt",
        "--seeds",
        "2",
        "--budget",
        "9",
        "--quiet",
        "--jobs",
        "2",
    ]
    assert main([*given, "--results", str(runs)]) == 0
    assert report.main([str(runs), "--output", str(out)]) == 0
    text = (out / "report.md").read_text()
    for expected in (
        "bayesopt against each rival",
        "mean rank at 9",
        "| noisy |",
        "Effort",
        "2 problems, 9 evaluations",
    ):
        assert expected in text
    page = (out / "report.html").read_text()
    assert page.count("data:image/png;base64,") >= 3 + 2 + 2
    assert "http://" not in page
    assert "https://" not in page


def test_users_problem_as_the_readme_shows_it(tmp_path):
    readme = (ROOT / "benchmarks" / "README.md").read_text()
    assert (ROOT / "benchmarks" / "examples" / "furnace.toml").read_text() in readme
    line = next(x for x in readme.splitlines() if "examples/furnace.toml --methods" in x)
    command = [sys.executable, *line.removeprefix("$ python ").split(), "--results", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    runs = list(store.read_all(tmp_path))
    assert {r.head["method"] for r in runs} == {"random", "bayesopt"}
    assert all(len(r.evaluations) == 15 and r.head["status"] == "done" for r in runs)
    assert all(
        ("flow" in e["params"]) == (e["params"]["gas"] != "air")
        for r in runs
        for e in r.evaluations
    )


def test_a_method_that_is_not_there_is_said(tmp_path, capsys):
    empty = ["--environments", str(tmp_path / "none")]
    code = main(
        [
            TINY[0],
            "--methods",
            "random",
            "botorch",
            "--seeds",
            "1",
            "--budget",
            "5",
            "--quiet",
            "--results",
            str(tmp_path / "runs"),
            *empty,
        ]
    )
    assert code == 1
    assert "botorch cannot run: environment 'botorch' is not in" in capsys.readouterr().err


def test_missing_data_is_said(tmp_path, capsys):
    given = [
        "chemistry/direct_arylation",
        "--methods",
        "random",
        "--seeds",
        "1",
        "--budget",
        "5",
        "--quiet",
    ]
    assert main([*given, "--results", str(tmp_path)]) == 1
    assert "b-shields/edbo" in capsys.readouterr().err


def test_a_result_is_there_whole_or_not_at_all(tmp_path):
    path = tmp_path / "m@1" / "p" / "seed-0-budget-1.jsonl"
    with pytest.raises(TypeError):
        store.write(path, [{"kind": "run", "schema": 1}, {"bad": object()}])
    assert not path.exists()
    store.write(path, [{"kind": "run", "schema": 1}])
    assert json.loads(path.read_text()) == {"kind": "run", "schema": 1}


def test_rivals_results_are_kept_and_ours_and_broken_ones_are_not(tmp_path):
    runs, again, archive = tmp_path / "runs", tmp_path / "again", tmp_path / "kept.tar.xz"
    main(arguments(runs, seeds=1))
    some = sorted(runs.glob("*/*/seed-*.jsonl"))
    broken = some[0].read_text().replace('"status": "done"', '"status": "crashed"')
    some[0].write_text(broken)
    some[1].write_text(some[1].read_text().replace('"method": "grid"', '"method": "bayesopt"'))
    assert keep.pack(runs, archive, ours=True) == len(some) - 1
    assert keep.pack(runs, archive) == len(some) - 2
    assert keep.unpack(archive, again) == len(some) - 2
    assert keep.unpack(archive, again) == 0
    assert files(again) == {p: r for p, r in files(runs).items() if (runs / p) not in some[:2]}

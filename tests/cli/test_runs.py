"""A run as a file: new, ask, tell, fail, abandon, show, export, resume, from the outside."""

from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import bayesopt as bo
from bayesopt.cli.app import app
from bayesopt.trial import TrialState

SPEC = """
[space.x]
type = "float"
low = -1.0
high = 1.0

[space.kind]
type = "categorical"
choices = ["a", true, 1, {json = "null"}]

[space.k]
type = "int"
low = 1
high = 9
when = {kind = "a"}

[run]
direction = "maximize"
seed = 4
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("spec.toml").write_text(SPEC)
    bayesopt("new", "spec.toml", "run.db")
    return "run.db"


def bayesopt(*words: object, stdin: str | None = None, code: int = 0) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words], input=stdin)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.stderr


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_asking_and_telling_by_hand(file: str) -> None:
    first, second = lines(bayesopt("ask", file, "-n", 2))
    assert (first["number"], second["number"]) == (0, 1)
    (told,) = lines(bayesopt("tell", file, 0, "-2.5"))
    assert (told["state"], told["value"], told["params"]) == ("complete", -2.5, first["params"])
    (failed,) = lines(bayesopt("fail", file, 1, "spilled"))
    assert (failed["state"], failed["error"]) == ("failed", "spilled")
    (third,) = lines(bayesopt("ask", file))
    assert third["number"] == 2
    answer = '{"value": 3, "sd": 0.1, "constraints": {"heat": -1}, "cost": 2, "info": ["hot"]}'
    (told,) = lines(bayesopt("tell", file, 2, answer))
    assert (told["value"], told["constraints"], told["info"]) == (3.0, {"heat": -1.0}, ["hot"])


def test_the_same_points_as_in_python(file: str) -> None:
    opt = bo.Optimizer(bo.Space.from_toml(SPEC, other=["run"]), direction="maximize", seed=4)
    for value in (1.0, 2.0, 0.5):
        trial = opt.ask()
        opt.tell(trial, value)
        (asked,) = lines(bayesopt("ask", file))
        assert asked == {"number": trial.number, "params": trial.params}
        bayesopt("tell", file, trial.number, value)


def test_answers_through_a_pipe(file: str) -> None:
    asked = lines(bayesopt("ask", file, "-n", 3))
    answers = [{**asked[2], "value": 1.5}, {"number": 0, "error": "burnt"}]
    answers[0].pop("params")
    answers += [{"params": {"x": 0.25, "kind": None}, "value": 7}]
    told = lines(bayesopt("tell", file, stdin="\n".join(map(json.dumps, answers)) + "\n\n"))
    assert [(t["number"], t["state"]) for t in told] == [
        (2, "complete"),
        (0, "failed"),
        (3, "complete"),
    ]
    assert told[2]["origin"] == "added"
    assert json.loads(bayesopt("show", file, "--json"))["best"]["params"] == {
        "x": 0.25,
        "kind": None,
    }


def test_a_line_of_ask_with_a_value_added_is_an_answer(file: str) -> None:
    (asked,) = lines(bayesopt("ask", file))
    (told,) = lines(bayesopt("tell", file, stdin=json.dumps({**asked, "value": 0.5})))
    assert (told["number"], told["origin"], told["state"]) == (0, "initial", "complete")


def test_all_lines_or_none(file: str) -> None:
    bayesopt("ask", file, "-n", 2)
    text = '{"number": 0, "value": 1}\n{"number": 7, "value": 1}\n'
    assert "there is no trial 7" in bayesopt("tell", file, stdin=text, code=2)
    text = '{"number": 0, "value": 1}\nnonsense\n'
    assert "line 2 is neither a number nor JSON" in bayesopt("tell", file, stdin=text, code=2)
    shown = json.loads(bayesopt("show", file, "--json"))
    assert [t["state"] for t in shown["trials"]] == ["pending"] * 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["tell", "run.db", 5, 1.0], "there is no trial 5"),
        (["tell", "run.db", 0, "much"], "neither a number nor JSON"),
        (["tell", "run.db", 0, '["a"]'], "must be a list of numbers"),
        (["tell", "run.db", 0, '{"valeu": 1}'], "valeu"),
        (["tell", "run.db", 0], "RESULT is missing"),
        (["tell", "none.db", 0, 1], "none.db does not exist"),
        (["ask", "none.db"], "bayesopt new SPEC none.db"),
        (["ask", "spec.toml"], "file of another program"),
        (["new", "spec.toml", "run.db"], "run.db exists"),
        (["new", "spec.toml", "b.db", "--direction", "up"], "direction"),
        (["new", "none.toml", "b.db"], "none.toml"),
        (["export", "run.db", "-o", "trials.xyz"], "--format"),
        (["export", "run.db", "-o", "run.db", "--format", "csv"], "the run's own file"),
        (["resume", "run.db"], "does not say how to evaluate"),
        (["resume", "none.db"], "does not exist"),
    ],
)
def test_what_cannot_be(file: str, words: list[object], message: str) -> None:
    bayesopt("ask", file)
    before = sorted(path.name for path in Path().iterdir())
    assert message in bayesopt(*words, code=2)
    assert sorted(path.name for path in Path().iterdir()) == before


def test_nan_is_a_failure(file: str) -> None:
    bayesopt("ask", file)
    (told,) = lines(bayesopt("tell", file, 0, "nan"))
    assert (told["state"], told["error"]) == ("failed", "the objective's value was nan")


def test_points_are_out_until_they_are_told(file: str) -> None:
    """Each command is a process that has ended when the next one looks."""
    bayesopt("ask", file)
    (asked,) = lines(bayesopt("ask", file))
    assert asked["number"] == 1
    bayesopt("ask", file, "--lease", 1e-3)
    (again,) = lines(bayesopt("ask", file))  # its lease has run out
    assert again["number"] == 2
    bayesopt("abandon", file, 0, "lost the vial")
    assert lines(bayesopt("ask", file))[0]["number"] == 0
    bayesopt("abandon", file, 1, "nobody cares", "--for-good")
    assert lines(bayesopt("ask", file))[0]["number"] == 3


def test_when_no_point_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s.toml").write_text('[space.b]\ntype = "boolean"\n')
    bayesopt("new", "s.toml", "run.db")
    assert len(lines(bayesopt("ask", "run.db", "-n", 5))) == 2
    assert bayesopt("ask", "run.db", code=1)


def test_showing(file: str) -> None:
    assert "maximize, seed 4; no trials yet" in bayesopt("show", file)
    bayesopt("ask", file, "-n", 3)
    bayesopt("tell", file, 0, 1.25)
    bayesopt("fail", file, 1, "[bad] luck")
    text = bayesopt("show", file)
    assert "1 complete, 1 failed, 1 pending" in text
    assert "1.25" in text
    assert "handed out 0 min ago" in text
    assert "1 x [bad] luck" in text
    opt = bo.Optimizer.reopen(file)
    opt.ask()
    assert "its process runs" in bayesopt("show", file)
    opt.close()


def test_showing_changes_nothing(file: str) -> None:
    Path(file).chmod(0o444)
    before = Path(file).read_bytes()
    bayesopt("show", file)
    assert "is read-only" in bayesopt("ask", file, code=2)
    assert Path(file).read_bytes() == before


def test_exporting(file: str) -> None:
    bayesopt("ask", file, "-n", 2)
    bayesopt("tell", file, 0, '{"value": 1.25, "constraints": {"c": 0.5}}')
    rows = list(csv.DictReader(io.StringIO(bayesopt("export", file))))
    assert [row["value"] for row in rows] == ["1.25", ""]
    bayesopt("export", file, "-o", "trials.json")
    data = json.loads(Path("trials.json").read_text())
    assert data == json.loads(bayesopt("export", file, "--format", "json"))
    assert data["trials"][0]["constraints"] == {"c": 0.5}


def test_exporting_parquet(file: str) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    asked = lines(bayesopt("ask", file, "-n", 4))
    bayesopt("tell", file, 0, '{"value": 1.25, "constraints": {"c": 0.5}}')
    bayesopt("export", file, "-o", "trials.parquet")
    table = parquet.read_table("trials.parquet").to_pydict()
    assert table["value"] == [1.25, None, None, None]
    assert table["constraint:c"] == [0.5, None, None, None]
    assert table["x"] == [t["params"]["x"] for t in asked]
    assert table["k"] == [t["params"].get("k") for t in asked]
    kinds = [None if cell is None else json.loads(cell) for cell in table["kind"]]
    assert repr(kinds) == repr([t["params"]["kind"] for t in asked])
    kinds = {f.name: str(f.type) for f in parquet.read_schema("trials.parquet")}
    assert [kinds[n] for n in ("value", "sd", "cost", "error")] == ["double"] * 3 + ["string"]


def test_copying_into_optuna_without_optuna(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    said = bayesopt("export", file, "--to-optuna", "sqlite:///o.db", code=2)
    assert "bayesopt-engine[optuna]" in said


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("nowhere/there/o.db", "could not copy the run into sqlite:///nowhere"),
        ("run.db", "is the run's own file"),
        ("./run.db?timeout=9", "is the run's own file"),
    ],
)
def test_copying_to_where_one_cannot(file: str, place: str, reason: str) -> None:
    pytest.importorskip("optuna")
    before = Path(file).read_bytes()
    assert reason in bayesopt("export", file, "--to-optuna", f"sqlite:///{place}", code=2)
    assert Path(file).read_bytes() == before


def test_a_password_is_not_shown(file: str) -> None:
    pytest.importorskip("optuna")
    url = "nonsense://me:pass:w@rd@127.0.0.1:1/optuna"
    said = bayesopt("export", file, "--to-optuna", url, code=2)
    assert "nonsense://me:***@127.0.0.1:1/optuna" in said
    assert "rd" not in said.partition("into")[2]


def test_an_empty_file_stays_empty(file: str) -> None:
    Path("empty.db").touch()
    for words in (["ask", "empty.db"], ["tell", "empty.db", 0, 1], ["show", "empty.db"]):
        assert "holds no run" in bayesopt(*words, code=2)
    assert Path("empty.db").read_bytes() == b""


SCORE = "import sys; print(-float(sys.argv[1]) ** 2)"


def untimed(trials: list[dict]) -> list[dict]:
    """Trials without when and by whom they were evaluated."""
    return [
        {k: v for k, v in t.items() if k not in ("start", "seconds", "worker")} for t in trials
    ]


def test_resuming_with_what_the_file_says(file: str) -> None:
    spec = SPEC + f'n_trials = 3\n[objective]\ncommand = [{json.dumps(sys.executable)}, "-c", '
    Path("run.toml").write_text(spec + f'{json.dumps(SCORE)}, "{{x}}", "{{kind}}", "{{k}}"]\n')
    bayesopt("run", "run.toml", "--storage", "kept.db", "--quiet")
    result = json.loads(bayesopt("resume", "kept.db", "--n-trials", 5, "--json", "--quiet"))
    assert [t["value"] for t in result["trials"]] == [
        -(t["params"]["x"] ** 2) for t in result["trials"]
    ]
    assert len(result["trials"]) == 5
    whole = json.loads(bayesopt("run", "run.toml", "--n-trials", 5, "--json", "--quiet"))
    assert untimed(whole["trials"]) == untimed(result["trials"])
    again = json.loads(bayesopt("resume", "kept.db", "--json", "--quiet"))
    assert len(again["trials"]) == 5  # the limit that was given last is kept


def test_resuming_with_a_command(file: str) -> None:
    bayesopt("ask", file, "-n", 2)
    command = [sys.executable, "-c", SCORE, "{x}", "{kind}{k}"]
    out = bayesopt("resume", file, "--n-trials", 4, "--json", "--quiet", "--", *command)
    states = [t["state"] for t in json.loads(out)["trials"]]
    assert states == ["pending", "pending", "complete", "complete"]


def test_a_shell_script_takes_part(file: str) -> None:
    """The commands as other programs see them: processes, pipes and exit statuses."""
    script = """
    set -e
    bayesopt() { "$PYTHON" -c 'from bayesopt.cli import main; main()' "$@"; }
    bayesopt ask run.db > point.json
    "$PYTHON" -c 'import json; print(json.dumps({**json.load(open("point.json")), "value": 1}))' |
        bayesopt tell run.db
    """
    root = str(Path(bo.__file__).parents[1])
    environment = {"PYTHON": sys.executable, "PYTHONPATH": f"{root}:{root}/kernels"}
    environment |= {"PATH": "/usr/bin:/bin", "HOME": str(Path().resolve())}
    done = subprocess.run(
        ["sh", "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["value"] == 1.0
    connection = sqlite3.connect(file)  # another language needs no more than SQLite to look
    kinds = [kind for (kind,) in connection.execute("SELECT kind FROM events ORDER BY seq")]
    connection.close()
    assert kinds == ["started", "asked", "told"]
    opt = bo.Optimizer.reopen(file)
    assert opt.trials[0].state is TrialState.COMPLETE
    opt.close()


def test_limits_in_a_specification_hold_wherever_the_run_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    limits = 'impurity = "<= 0.5"\nyield = ">= 90"'
    Path("spec.toml").write_text(f'records = ["ms"]\n{SPEC}\n[outcome_constraints]\n{limits}\n')
    bayesopt("new", "spec.toml", "run.db")
    bayesopt("ask", "run.db", "-n", 3)
    (told,) = lines(bayesopt("tell", "run.db", 0, '{"value": 3, "impurity": 0.7, "ms": 4}'))
    assert (told["constraints"], told["records"]) == ({"impurity": 0.7}, {"ms": 4.0})
    closest = bayesopt("show", "run.db")
    assert "feasible: impurity <= 0.5, yield >= 90" in closest
    assert "impurity=0.7 (<= 0.5 is feasible)" in closest
    text = '{"number": 1, "value": 2, "impurity": 0.4, "yield": 91}\n'
    bayesopt("tell", "run.db", stdin=text)
    said = bayesopt("tell", "run.db", 2, '{"value": 1, "impurtiy": 0.4}', code=2)
    assert "did you mean 'impurity'" in said
    shown = json.loads(bayesopt("show", "run.db", "--json"))
    assert shown["best"]["number"] == 1
    assert shown["outcome_constraints"] == {"impurity": "<= 0.5", "yield": ">= 90"}
    rows = list(csv.DictReader(io.StringIO(bayesopt("export", "run.db"))))
    assert [r["constraint:impurity"] for r in rows] == ["0.7", "0.4", ""]
    assert [r["record:ms"] for r in rows] == ["4.0", "", ""]


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of another kind")
@pytest.mark.parametrize("command", ["export", "show", "ask"])
def test_a_reader_that_has_enough_is_no_error(file: str, command: str) -> None:
    """As in ``bayesopt export run.db | head -3``."""
    root = str(Path(bo.__file__).parents[1])
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-c", "from bayesopt.cli import main; main()", command, file],
            env=os.environ | {"PYTHONPATH": f"{root}{os.pathsep}{root}/kernels"},
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")

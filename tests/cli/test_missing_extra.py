"""Without typer or rich the command says which extra brings them."""

import subprocess
import sys


def test_a_missing_library_is_named_with_its_extra():
    blocked = (
        "import sys, importlib.util as u; find = u.find_spec;"
        "u.find_spec = lambda name, *a: None if name == 'typer' else find(name, *a);"
        "from bayesopt.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", blocked], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "typer" in done.stderr
    assert "bayesopt-engine[cli]" in done.stderr
    assert "Traceback" not in done.stderr

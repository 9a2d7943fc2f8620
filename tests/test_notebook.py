"""A Jupyter kernel without a screen: what a notebook shows of a run."""

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")
pytest.importorskip("matplotlib")

CELLS = (
    "import bayesopt as bo\n"
    "r = bo.minimize(lambda p: (p['x'] - .3)**2, {'x': bo.Float(0, 1)}, n_trials=5, seed=0)",
    "r",
    "r.plot()",
    "r.best",
    "q = bo.minimize(lambda p: p['x'], {'x': bo.Float(0, 1)}, n_trials=2, progress=False)",
)


@pytest.mark.slow
@pytest.mark.parametrize("before", ["pass", "%matplotlib inline"])
def test_results_and_pictures_show_themselves(before):
    cells = [nbformat.v4.new_code_cell(source) for source in (before, *CELLS)]
    book = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(book, timeout=300, kernel_name="python3").execute()
    _, run, result, figure, best, silent = book.cells
    # the live line: a widget, or text that is not shown as an error is
    assert run.outputs
    assert not [o for o in run.outputs if o.get("name") == "stderr" and "trial" in o["text"]]
    assert "5/5" in str(run.outputs) or "widget" in str(run.outputs)
    assert "text/html" in result.outputs[0].data
    assert "image/png" in figure.outputs[0].data
    assert "text/html" in best.outputs[0].data
    assert not [o for o in silent.outputs if "trial" in str(o.get("text", o.get("data")))]

"""Warming up plays runs that use the kernels."""

from typer.testing import CliRunner

from bayesopt.cli.app import app


def test_warmup_compiles_what_runs_use():
    from bayesopt_kernels import acquisition, covariance, knowledge_gradient

    done = CliRunner().invoke(app, ["warmup"])
    assert done.exit_code == 0, done.output
    assert "compiled" in done.stdout
    for module in (acquisition, covariance, knowledge_gradient):
        public = [
            f for name, f in vars(module).items() if name[0] != "_" and hasattr(f, "signatures")
        ]
        assert any(kernel.signatures for kernel in public)

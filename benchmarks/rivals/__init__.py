"""The rivals: which adapter, which environment, which packages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Environment:
    """A virtual environment: ``steps`` are argument lists of pip, in order."""

    steps: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Method:
    """An adapter: a module of this package, its argument and the environment it needs.

    ``environment`` None is the environment that runs the benchmarks. Where another one is not
    there but this one has the packages of ``imports``, this one serves.
    """

    module: str
    argument: str
    environment: str | None
    title: str
    imports: tuple[str, ...] = ()
    light: bool = False


_TORCH = ("torch==2.13.0",)  # the CPU build where the index serves it; before everything else

ENVIRONMENTS: dict[str, Environment] = {
    "bayes": Environment((("numpy", "scipy", "numba", "pymc", "arviz", "nutpie"),)),
    "optuna": Environment((_TORCH, ("optuna", "cmaes", "scipy"))),
    "optuna-light": Environment(
        (("optuna", "cmaes", "scipy"),), "without PyTorch: TPE and CMA-ES only"
    ),
    "botorch": Environment((_TORCH, ("botorch",))),
    "ax": Environment((_TORCH, ("ax-platform",))),
    "hebo": Environment(
        (
            _TORCH,
            (
                "numpy<2",
                "pymoo==0.6.1.1",
                "gpytorch==1.11",
                "scikit-learn",
                "pandas",
                "catboost",
                "scipy<1.14",
                "disjoint-set",
            ),
            ("--no-deps", "HEBO==0.3.6"),
        ),
        "its own pins do not resolve",
    ),
    "smac": Environment((("smac",),)),
    "skopt": Environment((("scikit-optimize",),)),
    "bayes_opt": Environment((("bayesian-optimization",),)),
    "hyperopt": Environment((("hyperopt", "setuptools<81"),), "hyperopt needs pkg_resources"),
    "nevergrad": Environment((("nevergrad",),)),
    "yahpo": Environment((("yahpo-gym", "onnxruntime"),), "problems, not a rival"),
    "bayesmark": Environment(
        (
            ("bayesmark", "setuptools"),
            (
                "scikit-learn==1.1.3",
                "numpy==1.23.5",
                "pandas==1.5.3",
                "xarray==2022.12.0",
                "scipy==1.10.1",
            ),
        ),
        "problems, not a rival",
    ),
    "cocopp": Environment((("cocopp", "six"),), "COCO's own post-processing"),
}

METHODS: dict[str, Method] = {
    "random": Method("plain", "random", None, "random search", light=True),
    "grid": Method("plain", "grid", None, "grid search", light=True),
    "sobol": Method("plain", "sobol", None, "scrambled Sobol", light=True),
    "bayesopt": Method("ours", "default", None, "bayesopt (this project)", light=True),
    "bayesopt-full": Method("ours", "full", "bayes", "bayesopt, FullBayesGP", ("pymc", "nutpie")),
    "bayesopt-optuna": Method(
        "optuna", "ours", None, "bayesopt's sampler in Optuna", ("optuna",), light=True
    ),
    "optuna-tpe": Method(
        "optuna", "tpe", "optuna", "Optuna TPE, multivariate", ("optuna",), light=True
    ),
    "optuna-cma": Method(
        "optuna", "cma", "optuna", "Optuna CMA-ES", ("optuna", "cmaes"), light=True
    ),
    "optuna-gp": Method("optuna", "gp", "optuna", "Optuna GPSampler", ("optuna", "torch")),
    "botorch": Method("botorch", "logei", "botorch", "BoTorch SingleTaskGP, LogEI", ("botorch",)),
    "ax": Method("ax", "default", "ax", "Ax Client", ("ax",)),
    "hebo": Method("hebo", "default", "hebo", "HEBO", ("hebo",)),
    "smac": Method("smac", "default", "smac", "SMAC3 HPO facade", ("smac",)),
    "skopt": Method("skopt", "default", "skopt", "scikit-optimize gp_hedge", ("skopt",)),
    "bayes_opt": Method(
        "bayes_opt", "default", "bayes_opt", "bayesian-optimization", ("bayes_opt",)
    ),
    "hyperopt": Method(
        "hyperopt", "default", "hyperopt", "Hyperopt TPE", ("hyperopt",), light=True
    ),
    "nevergrad": Method("nevergrad", "default", "nevergrad", "Nevergrad NGOpt", ("nevergrad",)),
}

"""Which parameters matter? Twelve parameters of which two do, and a posterior that says so.

Needs the extra: pip install 'bayesopt-engine[bayes,plot]'
"""

import math

import bayesopt as bo

names = [f"x{i}" for i in range(1, 13)]
space = bo.Space({name: bo.Float(0.0, 1.0) for name in names})


def objective(params: dict[str, float]) -> float:
    """Branin's function of x3 and x8; the others do nothing."""
    a, b = 15.0 * params["x3"] - 5.0, 15.0 * params["x8"]
    bowl = b - 5.1 / (4.0 * math.pi**2) * a**2 + 5.0 / math.pi * a - 6.0
    return bowl**2 + 10.0 * (1.0 - 1.0 / (8.0 * math.pi)) * math.cos(a) + 10.0


def main(n_trials: int = 40) -> None:
    """Minimize, and say what the posterior has learned."""
    surrogate = bo.FullBayesGP(priors=bo.SaasPriors(), refit_every=6)
    result = bo.minimize(
        objective, space, n_trials=n_trials, seed=0, surrogate=surrogate, deterministic=True
    )
    print(f"best value {result.value:.4f} (the minimum is 0.3979)")
    fit = result.diagnostics["surrogate"]
    print(f"the last posterior: {fit['verdict']}")
    lengths = zip(names, fit["lengthscales"], strict=True)
    for name, length in sorted(lengths, key=lambda pair: pair[1]):
        print(f"{name:>4}  lengthscale {length:8.2f}")


if __name__ == "__main__":
    main()

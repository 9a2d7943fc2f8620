"""A script for the package ``bayesian-optimization``, with another import and nothing else."""

from scipy.optimize import NonlinearConstraint

from bayesopt.integrations.bayes_opt import BayesianOptimization


def black_box(x: float, y: float, kind: str) -> float:
    """Stands for something slow."""
    return -(x**2) - (y - 1) ** 2 + (1.0 if kind == "b" else 0.5)


def load(x: float, y: float, kind: str) -> float:
    """Must not exceed 1.5."""
    return x + y + (1.0 if kind == "b" else 0.0)


def main(n_iter: int = 15) -> None:
    """The loop of the package, and one's own."""
    optimizer = BayesianOptimization(
        f=black_box,
        pbounds={"x": (-2, 2), "y": (-3, 3), "kind": ("a", "b")},
        constraint=NonlinearConstraint(load, -float("inf"), 1.5),
        random_state=1,
    )
    optimizer.probe({"x": 0.5, "y": 0.7, "kind": "a"})
    optimizer.maximize(init_points=4, n_iter=n_iter)
    point = optimizer.suggest()  # evaluate it wherever you like
    optimizer.register(point, target=black_box(**point), constraint_value=load(**point))
    print(optimizer.max)


if __name__ == "__main__":
    main()

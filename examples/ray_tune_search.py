"""Ray Tune with this package's search: nested parameters, trials that fail, two at once.

Needs the extra: pip install 'bayesopt-engine[ray]'
"""

import tempfile

from ray import tune

from bayesopt.integrations.ray_tune import BayesOptSearch


def train(config):
    """Stands for a training: best at a rate of 0.01 and a width of 64."""
    if config["rate"] > 0.5:
        raise ValueError("diverged")
    width = config["net"]["width"]
    tune.report({"loss": abs(config["rate"] - 0.01) + abs(width - 64) / 64})


def main(num_samples: int = 20) -> None:
    """Search, then show the best."""
    with tempfile.TemporaryDirectory() as folder:
        results = tune.Tuner(
            train,
            param_space={
                "rate": tune.loguniform(1e-4, 1.0),
                "net": {"width": tune.lograndint(8, 513)},
            },
            tune_config=tune.TuneConfig(
                metric="loss",
                mode="min",
                num_samples=num_samples,
                max_concurrent_trials=2,
                search_alg=BayesOptSearch(
                    seed=0, points_to_evaluate=[{"rate": 0.1, "net": {"width": 32}}]
                ),
            ),
            run_config=tune.RunConfig(storage_path=folder, verbose=0),
        ).fit()
        best = results.get_best_result()
        print(f"best loss {best.metrics['loss']:.4f} with {best.config}")
        print(f"{len(results)} trials, {results.num_errors} failed")


if __name__ == "__main__":
    main()

"""Five runs as users have them, small: what each page of a report has to show well."""

import math
import random

import bayesopt as bo


def tuned_model():
    """A classifier with branches, evaluated side by side."""
    from sklearn.datasets import load_iris
    from sklearn.model_selection import cross_val_score
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.svm import SVC

    x, y = load_iris(return_X_y=True)
    space = bo.Space(
        model=bo.Categorical(["svm", "neighbours"]),
        C=bo.Float(1e-2, 1e3, log=True, when={"model": "svm"}, default=1.0),
        gamma=bo.Float(1e-6, 1e-1, log=True, when={"model": "svm"}),
        n=bo.Int(1, 40, log=True, when={"model": "neighbours"}),
    )

    def train(p):
        svm = p["model"] == "svm"
        model = SVC(C=p["C"], gamma=p["gamma"]) if svm else KNeighborsClassifier(p["n"])
        return cross_val_score(model, x, y, cv=3).mean()

    return bo.maximize(train, space, n_trials=24, seed=0, n_workers=2, progress=False)


def noisy_bench():
    """Yields with noise and a limit, asked for and told by hand; the run goes on."""
    noise = random.Random(1)
    space = bo.Space(
        {
            "temperature": bo.Float(20, 120),
            "time": bo.Int(1, 24),
            "solvent": bo.Categorical(["DMF", "MeCN", "toluene"]),
        }
    )
    optimizer = bo.Optimizer(
        space, direction="maximize", seed=1, outcome_constraints={"impurity": "<= 0.5"}
    )
    for _ in range(20):
        trial = optimizer.ask()
        p = trial.params
        value = 70 - (p["temperature"] - 85) ** 2 / 60 - abs(p["time"] - 10)
        value += 6 * (p["solvent"] == "MeCN") + noise.gauss(0, 5)
        impurity = 0.2 + 0.004 * (p["temperature"] - 60) + noise.gauss(0, 0.05)
        optimizer.tell(trial, {"value": value, "impurity": impurity})
    return optimizer.result()


def failing_simulator():
    """A simulator that diverges in a corner, with values over decades and a long name."""
    space = bo.Space(
        {
            "angle of the inlet guide vanes": bo.Float(0, 90),
            "speed": bo.Float(1, 100, log=True),
            "mesh": bo.Ordinal([0.1, 0.2, 0.5, 1.0]),
            "turbulence": bo.Categorical(["laminar", "k-epsilon", "k-omega"]),
        }
    )

    def simulate(p):
        angle = p["angle of the inlet guide vanes"]
        if p["speed"] > 30 and angle > 40:
            raise FloatingPointError("the solver diverged at step 311")
        loss = (angle - 35) ** 2 / 100 + 30 * math.log10(p["speed"] / 25) ** 2
        return 1e-3 + loss + 2 * p["mesh"] + (p["turbulence"] != "k-omega")

    return bo.minimize(simulate, space, n_trials=30, seed=0, progress=False)


def two_objectives():
    """An error against a speed, of very different sizes."""
    space = bo.Space(trees=bo.Int(1, 200), depth=bo.Int(1, 20), rate=bo.Float(1e-3, 1, log=True))

    def measure(p):
        error = 0.4 * math.exp(-p["depth"] / 4) + 0.3 * math.exp(-p["trees"] / 40)
        error += 0.05 * (math.log10(p["rate"]) + 1) ** 2
        return {"error": error, "throughput": 2000 / (p["trees"] * p["depth"]) ** 0.7}

    objectives = {"error": "minimize", "throughput": "maximize"}
    return bo.minimize(measure, space, objectives=objectives, n_trials=20, seed=0, progress=False)


def thirty_parameters():
    """Thirty parameters of which five matter."""
    space = bo.Space({f"parameter {i:02d}": bo.Float(0, 1) for i in range(30)})

    def measure(p):
        x = list(p.values())
        value = 5 * (x[0] - 0.3) ** 2 + 2 * (x[5] - 0.7) ** 2
        return value + x[7] * x[11] + 0.1 * math.sin(9 * x[20])

    return bo.minimize(measure, space, n_trials=45, seed=0, progress=False)


RUNS = (tuned_model, noisy_bench, failing_simulator, two_objectives, thirty_parameters)

"""Direct arylation with and without chemical descriptors: best yields in batches of five.

    python -m benchmarks.published.arylation_descriptors --data DATA --descriptors FOLDER

``FOLDER`` holds ``base_dft.csv``, ``ligand-boltzmann_dft.csv`` and ``solvent_dft.csv`` of the
repository b-shields/edbo (``examples/DOE/data/direct_arylation``). Of the numbers of each
compound the first principal components are taken, standardised: three of a ligand, two of a base
and of a solvent. They are columns of descriptors beside the five parameters.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import bayesopt as bo

_FILES = {
    "base": ("base_dft", 2),
    "ligand": ("ligand-boltzmann_dft", 3),
    "solvent": ("solvent_dft", 2),
}
_COLUMNS = {"Concentration": "concentration", "Temp_C": "temperature"}


def components(path: Path, kind: str, k: int) -> dict[str, list[float]]:
    """The first k principal components (k,) of each compound, by its SMILES."""
    with path.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    numbers = []
    for name in rows[0]:
        try:
            column = np.array([float(row[name]) for row in rows])
        except ValueError:
            continue
        if np.isfinite(column).all() and column.std() > 1e-9 * abs(column.mean()):
            numbers.append((column - column.mean()) / column.std())
    u, s, _ = np.linalg.svd(np.array(numbers).T, full_matrices=False)
    scores = u[:, :k] * s[:k] / s[0]
    return {row[f"{kind}_SMILES"]: scores[i].tolist() for i, row in enumerate(rows)}


def candidates(data: Path, folder: Path) -> tuple[list[dict[str, object]], list[float], list[str]]:
    """The reactions, their yields, and the names of the descriptors' columns."""
    with (data / "edbo" / "direct_arylation.csv").open() as file:
        rows = list(csv.DictReader(file))
    known = {k: components(folder / f"{f}.csv", k, n) for k, (f, n) in _FILES.items()}
    found: list[dict[str, object]] = []
    for row in rows:
        point: dict[str, object] = {kind: row[f"{kind.capitalize()}_SMILES"] for kind in _FILES}
        point |= {name: row[column] for column, name in _COLUMNS.items()}
        for kind, by_smiles in known.items():
            for j, number in enumerate(by_smiles[row[f"{kind.capitalize()}_SMILES"]]):
                point[f"{kind}_{j}"] = number
        found.append(point)
    names = [n for n in found[0] if n.rpartition("_")[2].isdigit()]
    return found, [float(row["yield"]) for row in rows], names


def best_yields(space: bo.Space, yields: dict[tuple[object, ...], float], seed: int) -> np.ndarray:
    """(50,) the best yield so far."""
    opt = bo.Optimizer(space, direction="maximize", seed=seed, deterministic=True, n_trials=50)
    found: list[float] = []
    for _ in range(10):
        batch = opt.ask_batch(5)
        for trial in batch:
            value = yields[
                tuple(trial.params[n] for n in ("base", "ligand", "solvent", *_COLUMNS.values()))
            ]
            opt.tell(trial, value)
            found.append(value)
    return np.maximum.accumulate(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--descriptors", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=8)
    given = parser.parse_args()
    points, values, names = candidates(given.data, given.descriptors)
    own = ["base", "ligand", "solvent", *_COLUMNS.values()]
    yields = {
        (
            p["base"],
            p["ligand"],
            p["solvent"],
            float(str(p["concentration"])),
            int(str(p["temperature"])),
        ): v
        for p, v in zip(points, values, strict=True)
    }
    for label, columns, described in (("with", own + names, names), ("without", own, [])):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "reactions.csv"
            with path.open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, columns, extrasaction="ignore")
                writer.writeheader()
                writer.writerows(points)
            space = bo.Space.from_csv(path, descriptors=described)
        curves = []
        for seed in range(given.seeds):
            curves.append(best_yields(space, yields, seed))
            print(
                label,
                seed,
                [round(float(curves[-1][n - 1]), 1) for n in (10, 20, 30, 40, 50)],
                flush=True,
            )
        at = np.array(curves)[:, [9, 19, 29, 39, 49]]
        print(
            label,
            "mean",
            at.mean(axis=0).round(1).tolist(),
            ">=99:",
            int((at[:, -1] >= 99).sum()),
            "of",
            len(at),
            flush=True,
        )


if __name__ == "__main__":
    main()

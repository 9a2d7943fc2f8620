"""A reaction with a high yield at a low price, from a table of possible conditions.

``python examples/reactions.py`` uses a small table that is made up. With the path of a CSV file it
uses that: columns ``yield`` and ``cost``, and a column for each condition. The 1,728 measured
reactions of EDBO+ are such a file: ``experiments_yield_and_cost.csv`` of the repository
doyle-lab-ucla/edboplus (MIT licence; Torres et al., J. Am. Chem. Soc. 144, 2022).
"""

import csv
import itertools
import sys

import bayesopt as bo

# "cost" beside results is what an evaluation costs the run: the objective has another name
OBJECTIVES = {"yield": "maximize", "price": "minimize"}
BASES = {"KOAc": (0.8, 0.02), "CsOAc": (1.0, 0.09), "KOPiv": (0.9, 0.05)}  # quality, price
LIGANDS = {"PPh3": (0.4, 0.03), "XPhos": (0.8, 0.12), "CgMe-PPh": (1.0, 0.2), "PCy3": (0.7, 0.08)}
SOLVENTS = {"DMAc": (1.0, 0.01), "p-xylene": (0.7, 0.02), "BuCN": (0.8, 0.04)}


def made_up() -> list[dict]:
    """Conditions, yields in percent and costs of no real reaction."""
    rows = []
    chosen = itertools.product(BASES, LIGANDS, SOLVENTS, (90, 105, 120))
    for base, ligand, solvent, temperature in chosen:
        parts = BASES[base], LIGANDS[ligand], SOLVENTS[solvent]
        quality = parts[0][0] * parts[1][0] * parts[2][0]
        rows.append(
            {
                "base": base,
                "ligand": ligand,
                "solvent": solvent,
                "temperature": temperature,
                "yield": 100 * quality * (1 - ((temperature - 105) / 40) ** 2),
                "cost": sum(price for _, price in parts) + 0.0002 * temperature,
            }
        )
    return rows


def read(path: str) -> list[dict]:
    """Rows of a CSV file; what can be read as a number is one."""

    def value(text: str) -> object:
        try:
            return float(text)
        except ValueError:
            return text

    with open(path, newline="") as file:
        return [{k: value(v) for k, v in row.items()} for row in csv.DictReader(file)]


def main(path: str | None = None, n_trials: int = 30) -> None:
    """Search the table for its front, and say how much of it was found."""
    rows = made_up() if path is None else read(path)
    names = [k for k in rows[0] if k not in ("yield", "cost", "new_index", "")]
    measured = {
        tuple(row[n] for n in names): {"yield": row["yield"], "price": row["cost"]} for row in rows
    }
    space = {}
    for name in names:
        values = sorted({row[name] for row in rows})
        text = isinstance(values[0], str)
        space[name] = bo.Categorical(values) if text else bo.Ordinal(values)

    def evaluate(params: dict) -> dict:
        return measured[tuple(params[n] for n in names)]

    result = bo.minimize(evaluate, space, objectives=OBJECTIVES, n_trials=n_trials, seed=0)
    print(result)
    best = max(row["yield"] for row in rows)
    found = max(t.values["yield"] for t in result.trials)
    print(f"{len(result.trials)} of {len(rows)} conditions tried")
    print(f"highest yield found: {found:.1f} of {best:.1f}")
    print(f"a compromise: {result.compromise().values}")


if __name__ == "__main__":
    main(*sys.argv[1:2])

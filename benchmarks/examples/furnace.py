"""A user's objective: what an annealing programme costs."""

import math


def cost(params: dict) -> float:
    """Energy plus a penalty for grain size, of a point such as {"gas": "N2", ...}."""
    gas = {"N2": 0.2, "Ar": 0.0, "air": 0.8}[params["gas"]]
    flow = abs(params.get("flow", 3) - 3) * 0.05  # air needs no flow: then the parameter is absent
    hold = math.log(params["minutes"] / 40.0) ** 2
    return ((params["peak"] - 720.0) / 300.0) ** 2 + hold + gas + flow

"""How far a thrown ball flies, with drag. Any program will do that prints its result last."""

import argparse
import json
import math
import sys

# drag per metre, and the energy (J) to spend on the throw
BALLS = {"iron": (0.001, 0.9), "wood": (0.006, 0.3), "cork": (0.02, 0.08)}

parser = argparse.ArgumentParser()
parser.add_argument("--angle", type=float, required=True)
parser.add_argument("--speed", type=float, required=True)
parser.add_argument("--ball", choices=BALLS, required=True)
given = parser.parse_args()

drag, mass = BALLS[given.ball]
if given.angle > 80:
    sys.exit("the ball came down on the thrower")  # a non-zero status: a failed trial
vx = given.speed * math.cos(math.radians(given.angle))
vy = given.speed * math.sin(math.radians(given.angle))
x, y, dt = 0.0, 1.5, 0.001
while y > 0:
    speed = math.hypot(vx, vy)
    vx -= drag * speed * vx * dt
    vy -= (9.81 + drag * speed * vy) * dt
    x, y = x + vx * dt, y + vy * dt
energy = 0.5 * mass * given.speed**2
print(f"{given.ball} ball: {x:.2f} m with {energy:.0f} J")
print(json.dumps({"value": x, "constraints": {"energy": energy - 200.0}}))

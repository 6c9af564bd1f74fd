"""The best of so many fits from a grid of starting points."""

import csv
import json
from itertools import product

import numpy as np

from law import fit, log_loss, options, read_points

given = options("points", "starts", "best", "residuals")
n, d, l = read_points(given.points)
count = int(given.starts)
grid = list(product((0, 5, 10, 15, 20, 25), (0, 5, 10, 15, 20, 25), (-1, -0.5, 0, 0.5, 1), (0, 0.5, 1, 1.5, 2), (0, 0.5, 1, 1.5, 2)))
chosen = np.random.default_rng(0).choice(len(grid), size=min(count, len(grid)), replace=False)
best = None
for i, index in enumerate(sorted(chosen)):
    found = fit(np.array(grid[index], dtype=float), n, d, l)
    if best is None or found.fun < best.fun:
        best = found
    print(f"@progress {(i + 1) / len(chosen):.3f}")
with open(given.best, "w") as file:
    json.dump([round(float(value), 10) for value in best.x], file)
with open(given.residuals, "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["parameters", "tokens", "loss", "fitted"])
    for row in zip(np.exp(n), np.exp(d), np.exp(l), np.exp(log_loss(best.x, n, d))):
        writer.writerow([f"{value:.6g}" for value in row])

"""Fits to resampled points, each from the best fit."""

import csv
import json

import numpy as np

from law import fit, options, read_points

given = options("points", "best", "seed", "count", "draws")
n, d, l = read_points(given.points)
with open(given.best) as file:
    best = np.array(json.load(file))
random = np.random.default_rng(int(given.seed))
count = int(given.count)
with open(given.draws, "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["a", "b", "e", "alpha", "beta"])
    for i in range(count):
        chosen = random.integers(len(n), size=len(n))
        writer.writerow([f"{value:.8g}" for value in fit(best, n[chosen], d[chosen], l[chosen]).x])
        print(f"@progress {(i + 1) / count:.3f}")

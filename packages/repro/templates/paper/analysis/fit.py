"""fit.py PLANETS COUNT FIT USED: the exponent of the period, by least squares in logarithms; and the rows that it is fitted to."""

import csv
import json
import math
import sys

with open(sys.argv[1]) as file:
    rows = list(csv.DictReader(file))[: int(sys.argv[2])]
x = [math.log(float(row["axis"])) for row in rows]
y = [math.log(float(row["period"])) for row in rows]
n = len(rows)
mx, my = sum(x) / n, sum(y) / n
sxx = sum((a - mx) ** 2 for a in x)
slope = sum((a - mx) * (b - my) for a, b in zip(x, y)) / sxx
residuals = [b - my - slope * (a - mx) for a, b in zip(x, y)]
error = math.sqrt(sum(r * r for r in residuals) / (n - 2) / sxx)
fit = {"exponent": slope, "error": error, "largestResidual": max(abs(r) for r in residuals)}
with open(sys.argv[3], "w") as file:
    json.dump({name: round(value, 9) for name, value in fit.items()}, file)
with open(sys.argv[4], "w", newline="") as file:
    writer = csv.DictWriter(file, fieldnames=["planet", "axis", "period"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)

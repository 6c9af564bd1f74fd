import json
import sys

fit = json.load(open(sys.argv[1]))
failed = []


def contains(name, value, half_width):
    p = fit["parameters"][name]
    if 2 * p["error"] > half_width:
        failed.append(f"{name}: inconclusive")
    elif abs(p["value"] - value) > 2 * p["error"]:
        failed.append(f"{name}: {p['value']} +- {p['error']}")


contains("alpha", 0.348, 0.06)
contains("beta", 0.366, 0.06)
contains("E", 1.82, 0.1)
if fit["p"]["original"] >= 0.001:
    failed.append("original does not differ")
if fit["p"]["replication"] <= 0.05:
    failed.append("replication differs")
print("\n".join(failed) or "all claims hold")
sys.exit(bool(failed))

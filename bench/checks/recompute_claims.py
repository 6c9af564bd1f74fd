"""Recomputes the measured value of every part of every claim on toy models, apart from the project's own code.

    python3 bench/checks/recompute_claims.py reports/ci

Reads models.csv of a published report, params/claims.json for the cells and the rules, and claims.json of the report
for what the project found. Standard library only. Exits with 1 if a value differs by more than 1e-4 of itself.
"""

import csv
import json
import math
import os
import statistics
import sys

TOLERANCE = 1e-4
CELL = ["frequencies", "alpha", "n", "m", "density", "gamma", "batch", "steps", "projection",
        "initialBiasMean", "initialBiasStandardDeviation", "lossScale", "epsilon"]
TEXTS = {"experiment", "frequencies", "projection", "measurement"}


def read_models(path):
    """One dictionary a model; an empty cell is None."""
    with open(path, newline="", encoding="utf-8") as file:
        return [{name: text if name in TEXTS else (float(text) if text else None) for name, text in row.items()}
                for row in csv.DictReader(file)]


def cells_of(models, experiment):
    """Means over seeds, as science asks: a cell is the mean over its seeds."""
    groups = {}
    for model in models:
        if model["experiment"] == experiment:
            groups.setdefault(tuple(model[name] for name in CELL), []).append(model)
    cells = []
    for seeds in groups.values():
        cell = {}
        for name, first in seeds[0].items():
            values = [seed[name] for seed in seeds if seed[name] is not None]
            # Coordinates are equal: a mean of three could differ in its last digit.
            cell[name] = first if name in TEXTS or name in CELL else (sum(values) / len(values) if values else None)
        cell["losses"] = [seed["loss"] for seed in seeds]
        cell["lossOfSeed"] = {seed["replicate"]: seed["loss"] for seed in seeds}
        cell["logLoss"] = sum(math.log(seed["loss"]) for seed in seeds) / len(seeds)
        cells.append(cell)
    return cells


def in_range(value, bounds, tolerance):
    if value is None:
        return False
    return (("is" not in bounds or abs(value - bounds["is"]) <= tolerance)
            and ("atLeast" not in bounds or value >= bounds["atLeast"] - tolerance)
            and ("atMost" not in bounds or value <= bounds["atMost"] + tolerance)
            and ("above" not in bounds or value > bounds["above"] + tolerance)
            and ("below" not in bounds or value < bounds["below"] - tolerance))


def selected(cell, selection):
    for name, bounds in (selection or {}).items():
        if name == "frequencies":
            if cell["frequencies"] not in bounds:
                return False
        elif name == "relativeWidth":
            if not in_range(cell["m"] / cell["n"], bounds, 1e-3):
                return False
        elif not in_range(cell[name], bounds, 0 if name == "stronglyRepresentedFraction" else 0.005):
            return False
    return True


def slope_of(groups):
    """One slope for several lists of (x, y), each with a level of its own."""
    sxx = sxy = 0.0
    for points in groups:
        mx = sum(x for x, _ in points) / len(points)
        my = sum(y for _, y in points) / len(points)
        sxx += sum((x - mx) ** 2 for x, _ in points)
        sxy += sum((x - mx) * (y - my) for x, y in points)
    return sxy / sxx


def grouped(items, key):
    groups = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.values())


def whole_seeds(group):
    """The seeds that have every m of a curve: of one that a run has begun, a few m would weigh on those alone."""
    shared = set.intersection(*(set(cell["lossOfSeed"]) for cell in group))
    if not shared:
        return []
    return [{**cell, "logLoss": statistics.fmean(math.log(cell["lossOfSeed"][seed]) for seed in sorted(shared))} for cell in group]


def curves(cells, minimum=None, whole=False):
    """Exponent and R^2 of every curve over m, from three m on; `whole`: every seed is planned at every m."""
    found = []
    for group in grouped(cells, lambda cell: tuple(cell[name] for name in CELL if name != "m")):
        least = (minimum or {}).get((group[0]["frequencies"], "strong" if group[0]["gamma"] < 0 else "weak"), 1)
        used = [cell for cell in group if cell["m"] >= least]
        if len(used) < 3:
            continue
        if whole:
            used = whole_seeds(used)
            if not used:
                continue
        points = [(math.log(cell["m"]), cell["logLoss"]) for cell in used]
        slope = slope_of([points])
        mean = sum(y for _, y in points) / len(points)
        mx = sum(x for x, _ in points) / len(points)
        rest = sum((y - mean - slope * (x - mx)) ** 2 for x, y in points)
        found.append({**group[0], "exponent": -slope, "r2": 1 - rest / sum((y - mean) ** 2 for _, y in points),
                      "ambiguity": max(cell["ambiguity"] for cell in group)})
    return found


def ranks(values):
    order = sorted(values)
    return [order.index(value) + (order.count(value) + 1) / 2 for value in values]


def rank_correlation(groups):
    """Within each group, pooled; with its 95% interval by Fisher's z with Bonett and Wright's error."""
    sxx = sxy = syy = 0.0
    count = 1 - len(groups)
    for points in groups:
        size = len(points)
        for a, b in zip(ranks([x for x, _ in points]), ranks([y for _, y in points])):
            dx, dy = (a - (size + 1) / 2) / size, (b - (size + 1) / 2) / size
            sxx, sxy, syy = sxx + dx * dx, sxy + dx * dy, syy + dy * dy
        count += size
    if not (sxx > 0 and syy > 0) or count < 4:
        return None
    r = max(-1.0, min(1.0, sxy / math.sqrt(sxx * syy)))
    half = 1.959963984540054 * math.sqrt((1 + r * r / 2) / (count - 3))
    z = math.atanh(max(-1 + 1e-12, min(1 - 1e-12, r)))
    return r, math.tanh(z - half), math.tanh(z + half)


def random_variance(m):
    """Of |cos| between random directions."""
    return 1 / m - math.exp(2 * (math.lgamma(m / 2) - math.lgamma((m + 1) / 2))) / math.pi


def superposed(cell):
    return cell["strongOverlapCount"] is not None and cell["strongOverlapCount"] > cell["m"] and cell["strongOverlapCount"] >= 10


def enough_weak(cell):
    return cell["weakOverlapCount"] is not None and cell["weakOverlapCount"] >= 10


def slope_on_width(cells, value):
    known = [cell for cell in cells if value(cell) is not None and value(cell) > 0]
    if len({cell["m"] for cell in known}) < 3:
        return None
    groups = [[(math.log(cell["m"]), math.log(value(cell))) for cell in group]
              for group in grouped(known, lambda cell: (cell["alpha"], cell["gamma"]))]
    return slope_of([group for group in groups if len(group) > 1])


def by_alpha(cells, value):
    return [slope_on_width(group, value) for group in grouped(cells, lambda cell: cell["alpha"])]


def t_quantile(degrees):
    """The 97.5% quantile of Student's t, by Simpson's rule and bisection."""
    scale = math.exp(math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)) / math.sqrt(degrees * math.pi)

    def below(t, steps=2000):
        height = t / steps
        density = [scale * (1 + (i * height) ** 2 / degrees) ** (-(degrees + 1) / 2) for i in range(steps + 1)]
        return 0.5 + height / 3 * (density[0] + density[-1] + 4 * sum(density[1:-1:2]) + 2 * sum(density[2:-1:2]))

    low, high = 0.0, 1000.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) < 0.975 else (low, middle)
    return low


def ratio_of_means(changed, base):
    """With its 95% interval on the logarithm, by Welch's degrees of freedom; an empty one for single seeds."""
    value = statistics.fmean(changed) / statistics.fmean(base)
    if min(len(changed), len(base)) < 2:
        return value, -math.inf, math.inf
    parts = [statistics.variance(losses) / len(losses) / statistics.fmean(losses) ** 2 for losses in (changed, base)]
    if sum(parts) == 0:
        return value, value, value
    degrees = sum(parts) ** 2 / sum(part ** 2 / (len(losses) - 1) for part, losses in zip(parts, (changed, base)))
    half = math.sqrt(sum(parts)) * t_quantile(degrees)
    return value, value * math.exp(-half), value * math.exp(half)


def within(value, expectation):
    return (("low" not in expectation or value >= expectation["low"]) and ("high" not in expectation or value <= expectation["high"])
            and ("above" not in expectation or value > expectation["above"]) and ("below" not in expectation or value < expectation["below"]))


def ratio(above, below):
    return above / below if below else (math.inf if above else math.nan)


def same_but_gamma(cell):
    return tuple(cell[name] for name in ["frequencies", "alpha", "n", "m", "density", "batch", "steps"])


def values_of(part, models, minimum, whole):
    """The value of the part's quantity in each cell, or a single number; None where it is not about toy models."""
    quantity = part["quantity"]
    experiment = part.get("experiment")
    if experiment is None:
        return None
    everything = cells_of(models, experiment)
    cells = [cell for cell in everything if selected(cell, part.get("cells"))]
    if not cells:
        return []
    lines = curves(everything, minimum if experiment == "large" else None, whole and experiment == "small")
    fits = [line for line in lines if selected(line, part.get("cells"))]
    plain = {
        "represented-fraction": lambda c: c["representedFraction"],
        "represented-over-width": lambda c: c["representedFraction"] * c["n"] / c["m"],
        "middle-norm-fraction": lambda c: c["middleNormFraction"],
        "unlearned-loss-factor": lambda c: abs(math.log(c["loss"] / c["unlearnedLoss"])) if c["unlearnedLoss"] else math.inf,
        "unlearned-loss-share": lambda c: c["unlearnedLoss"] / c["loss"],
        "norm-valley": lambda c: ratio(c["normDensityAtOne"], min(c["normDensityBelowOne"], c["normDensityAboveOne"]))
        if min(c["normDensityBelowOne"], c["normDensityAboveOne"]) else math.inf,
        "strong-rank-p": lambda c: c["strongRankTestP"],
        "strong-count-over-bound": lambda c: c["stronglyRepresentedFraction"] * c["n"] / min(c["n"], c["m"] ** 2 / 2),
        "strong-count-over-width": lambda c: c["stronglyRepresentedFraction"] * c["n"] / c["m"],
        "strong-overlap-over-welch": lambda c: c["strongOverlapMeanSquare"] / c["strongOverlapWelchBoundSquared"] if superposed(c) else None,
        "overlap-variance-ratio": lambda c: c["strongOverlapVarianceAbsolute"] / random_variance(c["m"]) if superposed(c) else None,
        "weak-overlap-times-width": lambda c: c["weakOverlapMeanSquare"] * c["m"] if enough_weak(c) else None,
        "weak-overlap": lambda c: c["weakOverlapMeanSquare"] if enough_weak(c) else None,
        "strong-bias-over-overlap": lambda c: None if c["strongBiasMedian"] is None or c["strongOverlapMaximumAbsolute"] is None
        else -c["strongBiasMedian"] / c["strongOverlapMaximumAbsolute"],
    }
    if quantity in plain:
        return [value for value in map(plain[quantity], cells) if value is not None]
    if quantity == "model-exponent":
        return [fit["exponent"] for fit in fits]
    if quantity == "exponent-above-twice":
        return [fit["exponent"] - 2 * (fit["alpha"] - 1) for fit in fits]
    if quantity == "fit-r2":
        return [fit["r2"] for fit in fits]
    if quantity == "exponent-estimate":
        return fits[0]["exponent"] if len(fits) == 1 else []
    if quantity == "exponent-alpha-slope":
        return slope_of([[(fit["alpha"], fit["exponent"]) for fit in fits]]) if len({fit["alpha"] for fit in fits}) > 2 else []
    if quantity == "exponent-contrast":
        there = [line["exponent"] for line in lines if selected(line, part["against"])]
        return statistics.fmean(fit["exponent"] for fit in fits) - statistics.fmean(there) if fits and there else []
    if quantity == "exponent-rule-distance":
        return math.sqrt(statistics.fmean((fit["exponent"] - max(1, 2 * (fit["alpha"] - 1))) ** 2 for fit in fits)) if fits else []
    if quantity.startswith("closest"):
        known = sorted((line for line in lines if line["alpha"] is not None), key=lambda line: (line["ambiguity"], line["gamma"], line["alpha"]))
        nearest = known[:max(3, math.floor(9 / 170 * len(known) + 0.5))]
        return [abs(line["exponent"] - line["alpha"] + 1) if quantity == "closest-exponent-error" else line["alpha"] for line in nearest]
    if quantity == "represented-alpha-correlation":
        found = []
        for group in grouped(cells, lambda cell: cell["gamma"]):
            if any(cell["representedFraction"] < 0.99 for cell in group):
                widths = grouped(group, lambda cell: cell["m"])
                found.append(rank_correlation([[(cell["alpha"], cell["representedFraction"]) for cell in width] for width in widths]))
        return [value for value in found if value]
    if quantity == "loss-ratio":
        others = {same_but_gamma(cell): cell for cell in everything if selected(cell, part["against"])}
        return [cell["loss"] / others[same_but_gamma(cell)]["loss"] for cell in cells if same_but_gamma(cell) in others]
    if quantity == "strong-overlap-slope":
        return slope_on_width(cells, lambda c: c["strongOverlapMeanSquare"] if (c["strongOverlapCount"] or 0) >= 10 else None) or []
    if quantity == "weak-overlap-slope":
        return [v for v in by_alpha(cells, lambda c: c["weakOverlapMeanSquare"] if enough_weak(c) else None) if v is not None]
    if quantity == "strong-loss-slope":
        return [v for v in by_alpha(cells, lambda c: c["strongLoss"]) if v is not None]
    if quantity == "weak-less-strong-slope":
        pairs = list(zip(by_alpha(cells, lambda c: c["weakLoss"]), by_alpha(cells, lambda c: c["strongLoss"])))
        known = [weak - strong for weak, strong in pairs if weak is not None and strong is not None]
        return statistics.fmean(known) if len(known) > 1 else []
    if quantity == "loss-spread":
        scaled = [cell["loss"] * cell["m"] for cell in cells]
        return max(scaled) / min(scaled) if len(scaled) > 1 else []
    if quantity == "loss-density-slope":
        groups = grouped(cells, lambda cell: (cell["alpha"], cell["gamma"], cell["m"]))
        return [slope_of([[(math.log(c["density"]), math.log(c["loss"])) for c in group]])
                for group in groups if len({c["density"] for c in group}) > 2]
    if quantity == "exponent-density-slope":
        groups = grouped(fits, lambda fit: (fit["alpha"], fit["gamma"]))
        return [slope_of([[(fit["density"], fit["exponent"]) for fit in group]])
                for group in groups if len({fit["density"] for fit in group}) > 2]
    if quantity in ("slope-far-from-n", "slope-near-n"):
        used = [c for c in cells if (8 * c["m"] <= c["n"] if quantity == "slope-far-from-n" else 2 * c["m"] >= c["n"])]
        return slope_of([[(math.log(c["m"]), math.log(c["loss"])) for c in used]]) if len(used) > 1 else []
    if quantity == "unit-norm-loss-ratio":
        free = [c for c in everything + cells_of(models, "small") if c["projection"] == "none"]
        others = {same_but_gamma(c): c for c in free if abs(c["gamma"] - part["against"]["gamma"]["is"]) < 0.005}
        return [c["loss"] / others[same_but_gamma(c)]["loss"] for c in everything
                if c["projection"] == "unit-rows" and same_but_gamma(c) in others]
    if quantity == "setting-loss-ratio":
        groups = grouped(cells, lambda cell: (cell["frequencies"], cell["alpha"], cell["gamma"], cell["n"], cell["m"]))
        ordered = [sorted(group, key=lambda cell: (cell["batch"], cell["steps"])) for group in groups]
        return [ratio_of_means(other["losses"], group[0]["losses"]) for group in ordered for other in group[1:]]
    raise SystemExit(f"{quantity}: this script does not know the quantity: add it here")


def measured(part, values):
    """What the rule compares; None for nothing."""
    expectation = part["expectation"]
    if isinstance(values, float):
        return values
    if not values:
        return None
    if part["rule"] == "share":
        return sum(within(value, expectation) for value in values) / len(values)
    if part["rule"] in ("share-interval", "equivalent"):
        return sum(within(low, expectation) and within(high, expectation) for _, low, high in values) / len(values)
    found = {"mean": statistics.fmean, "median": statistics.median, "largest": max}[part["rule"]](values)
    return found if math.isfinite(found) else None


def fit_ranges(directory):
    """From which m on the curves of large models are fitted: the least m of each in fit-points.csv."""
    least = {}
    with open(os.path.join(directory, "fit-points.csv"), newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["experiment"] == "large":
                key = (row["frequencies"], "strong" if float(row["gamma"]) < 0 else "weak")
                least[key] = min(least.get(key, math.inf), float(row["m"]))
    return least


def parameters(name):
    """The files of a set, by params/: its own, then those that it extends."""
    while name:
        with open(os.path.join(os.path.dirname(__file__), "../../params", f"{name}.json"), encoding="utf-8") as file:
            params = json.load(file)
        yield params
        name = params.get("extends")


def seeds_at_every_m(name):
    """Whether a set trains each seed of its small sweep at every m."""
    for params in parameters(name):
        small = params.get("replicates", {}).get("small")
        if small is not None:
            return "m" not in small
    return False


def without_begun_curves(models, name):
    """Less the curves of wide models that lack an m of the set: the project does not fit what a run has begun."""
    planned = next((set(params["wide"]["m"]) for params in parameters(name) if params.get("wide")), set())

    def curve(model):
        return model["alpha"], model["gamma"]

    wide = grouped([model for model in models if model["experiment"] == "wide"], curve)
    begun = {curve(group[0]) for group in wide if {model["m"] for model in group} != planned}
    return [model for model in models if model["experiment"] != "wide" or curve(model) not in begun]


def main(directory):
    with open(os.path.join(os.path.dirname(__file__), "../../params/claims.json"), encoding="utf-8") as file:
        claims = json.load(file)["claims"]
    with open(os.path.join(directory, "claims.json"), encoding="utf-8") as file:
        results = {result["id"]: result for result in json.load(file)}
    name = os.path.basename(os.path.normpath(directory))
    models = without_begun_curves(read_models(os.path.join(directory, "models.csv")), name)
    minimum = fit_ranges(directory)
    whole = seeds_at_every_m(name)
    checked = differing = 0
    for claim in claims:
        for part, found in zip(claim["parts"], results[claim["id"]]["parts"]):
            # What a run has begun and not finished, the project does not fit; it says so of the part.
            if found["measured"] is None and found.get("unfinished"):
                continue
            values = values_of(part, models, minimum, whole)
            if values is None:
                continue
            here, there = measured(part, values), found["measured"]
            checked += 1
            if (here is None) != (there is None) or (here is not None and abs(here - there) > TOLERANCE * max(1, abs(there))):
                differing += 1
                print(f"{claim['id']} {found['id']}: recomputed {here}, the report has {there}")
    print(f"{directory}: {checked} parts recomputed, {differing} differ")
    return 1 if differing or not checked else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))

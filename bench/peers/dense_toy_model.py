#!/usr/bin/env python3
"""
The toy model of "Superposition Yields Robust Neural Scaling" in dense PyTorch, on one thread: h = W^T x,
y = ReLU(W h + b), mean squared error, and AdamW with the decay or growth of Eq. 2. Prints JSON lines.

  dense_toy_model.py MODEL                    times steps on samples drawn here: milliseconds of each round of steps
  dense_toy_model.py MODEL --samples FILE     the loss of each step, on the samples and from the weights of a file
  dense_toy_model.py MODEL --finals FILE ...  trains the whole schedule on samples drawn here, from the weights of each file
"""
import argparse
import json
import math
import sys
import time

from single_thread import torch
import torch.nn.functional as F

from safetensors_reader import read_safetensors

LAST_STEPS = 100


def feature_frequencies(kind, n, alpha, scale):
    """p: [n], decreasing, with sum 1 (Sec. 2, App. D.1)."""
    i = torch.arange(1, n + 1, dtype=torch.float64)
    p = {"power-law": lambda: i**-alpha, "exponential": lambda: torch.exp(-i / scale), "linear": lambda: n - i}[kind]()
    return (p / p.sum()).float()


def learning_rate(k, peak, steps, warmup):
    """At step k = 1..steps: linear warm-up, then cosine decay to a twentieth (App. B)."""
    if k < warmup:
        return peak * k / warmup
    return peak * (0.05 + 0.95 * (1 + math.cos(math.pi * (k - warmup) / (steps - warmup))) / 2)


class DenseSampler:
    """Batches x = u v, u_i ~ Bernoulli(p_i), v_i ~ Uniform(0, 2), [batch, n], in buffers that are used again."""

    def __init__(self, batch, p):
        self.p = p
        self.u = torch.empty(batch, len(p))
        self.v = torch.empty(batch, len(p))

    def draw(self):
        self.u.uniform_()
        self.v.uniform_(0, 2)
        return torch.lt(self.u, self.p, out=self.u).mul_(self.v)


class ToyModel:
    """W: [n, m], b: [n], and their optimiser."""

    def __init__(self, W, b, options):
        self.options = options
        self.W = W.requires_grad_()
        self.b = b.requires_grad_()
        self.optimizer = torch.optim.Adam([{"params": [self.W]}, {"params": [self.b]}], lr=0.0, betas=(0.9, 0.999), eps=1e-8)

    def step(self, k, x):
        """Step k = 1, 2, ... on x: [batch, n]. Gradient, then decay, then Adam. Returns the loss summed over features, before the step."""
        o = self.options
        rate_w = learning_rate(k, o.peak_rate_w, o.steps, o.warmup)
        self.optimizer.param_groups[0]["lr"] = rate_w
        self.optimizer.param_groups[1]["lr"] = learning_rate(k, o.peak_rate_b, o.steps, o.warmup)
        y = F.relu(torch.addmm(self.b, x @ self.W, self.W.t()))
        loss = F.mse_loss(y, x)
        self.optimizer.zero_grad(set_to_none=True)
        (o.loss_scale * loss).backward()
        self.decay(rate_w)
        self.optimizer.step()
        return o.n * loss.item()

    @torch.no_grad()
    def decay(self, rate):
        """Eq. 2, on W only: towards zero for gamma > 0, every row towards unit norm for gamma < 0."""
        gamma = self.options.gamma
        if gamma < 0:
            norms = self.W.norm(dim=1, keepdim=True)
            self.W.mul_(1 - rate * gamma * (1 / (norms + 1e-8) - 1))
        else:
            self.W.mul_(1 - rate * gamma)


def new_model(options):
    return ToyModel(torch.randn(options.n, options.m) / math.sqrt(options.m), torch.randn(options.n), options)


def own_samples(options):
    return DenseSampler(options.batch, feature_frequencies(options.frequencies, options.n, options.alpha, options.scale))


def report(**line):
    print(json.dumps(line), flush=True)


def time_steps(options):
    """Rounds of steps; with --paced, each begins when a line arrives on standard input."""
    torch.manual_seed(1)
    sampler = own_samples(options)
    model = new_model(options)
    for k in range(1, options.untimed + 1):
        model.step(k, sampler.draw())
    report(ready=True)
    k = options.untimed
    for _ in range(options.rounds):
        if options.paced and not sys.stdin.readline():
            return
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(options.steps_per_round):
            k += 1
            model.step(k, sampler.draw())
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        report(steps=options.steps_per_round, msPerStep=1000 * wall / options.steps_per_round, cpuMsPerStep=1000 * cpu / options.steps_per_round)


def follow_samples(options):
    """The file holds W: [n, m], b: [n], and the samples of all steps as sparse rows: offsets, indices, values."""
    file = read_safetensors(options.samples)
    model = ToyModel(file["W"], file["b"], options)
    offsets = file["offsets"]
    for k in range(1, (len(offsets) - 1) // options.batch + 1):
        rows = offsets[(k - 1) * options.batch : k * options.batch + 1]
        entries = slice(rows[0].item(), rows[-1].item())
        row = torch.repeat_interleave(torch.arange(options.batch), rows[1:] - rows[:-1])
        x = torch.zeros(options.batch, options.n)
        x[row, file["indices"][entries]] = file["values"][entries]
        report(step=k, loss=model.step(k, x))


def train_finals(options):
    sampler = own_samples(options)
    torch.manual_seed(1)
    for path in options.finals:
        file = read_safetensors(path)
        model = ToyModel(file["W"], file["b"], options)
        losses = [model.step(k, sampler.draw()) for k in range(1, options.steps + 1)]
        last = losses[-LAST_STEPS:]
        report(final=sum(last) / len(last))


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    model = parser.add_argument_group("MODEL")
    model.add_argument("--n", type=int, required=True)
    model.add_argument("--m", type=int, required=True)
    model.add_argument("--frequencies", choices=("power-law", "exponential", "linear"), default="power-law")
    model.add_argument("--alpha", type=float, default=0.0, help="power law: p_i ~ 1 / i^alpha")
    model.add_argument("--scale", type=float, default=400.0, help="exponential: p_i ~ exp(-i / scale)")
    model.add_argument("--gamma", type=float, required=True, help="decay of Eq. 2")
    model.add_argument("--batch", type=int, default=2048)
    model.add_argument("--steps", type=int, default=20000, help="of the learning rate's schedule")
    model.add_argument("--warmup", type=int, default=2000)
    model.add_argument("--peak-rate-w", type=float, default=0.01)
    model.add_argument("--peak-rate-b", type=float, default=0.01)
    model.add_argument("--loss-scale", type=float, default=1.0, help="factor on the mean over batch and features that is minimised")
    timing = parser.add_argument_group("timing")
    timing.add_argument("--rounds", type=int, default=4)
    timing.add_argument("--steps-per-round", type=int, default=5)
    timing.add_argument("--untimed", type=int, default=2, help="steps before the first round")
    timing.add_argument("--paced", action="store_true", help="each round waits for a line on standard input")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--samples", metavar="FILE")
    mode.add_argument("--finals", metavar="FILE", nargs="+")
    return parser.parse_args()


if __name__ == "__main__":
    arguments = parse_options()
    if arguments.samples:
        follow_samples(arguments)
    elif arguments.finals:
        train_finals(arguments)
    else:
        time_steps(arguments)

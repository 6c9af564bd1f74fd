#!/usr/bin/env python3
"""
dense_toy_model_gpu.py N M BATCH STEPS: steps per second of the toy model in dense PyTorch, one model at a time, as the
paper's authors train it: on the graphics card if there is one, eager and compiled. Prints one JSON object.
"""
import json
import sys
import time

import torch
import torch.nn.functional as F

n, m, batch, steps = map(int, sys.argv[1:5])
device = "cuda" if torch.cuda.is_available() else "cpu"
# products in full single precision, as ours are
torch.backends.cuda.matmul.allow_tf32 = False
torch.manual_seed(1)
p = 1 / torch.arange(1, n + 1, device=device, dtype=torch.float32)
p /= p.sum()


def train(compiled):
    W = (torch.randn(n, m, device=device) / m**0.5).requires_grad_()
    b = torch.randn(n, device=device).requires_grad_()
    fused = {"fused": True} if device == "cuda" else {}
    optimizer = torch.optim.Adam([W, b], lr=1e-3, **fused)

    def loss_of_batch():
        x = (torch.rand(batch, n, device=device) < p) * (2 * torch.rand(batch, n, device=device))
        return F.mse_loss(F.relu(torch.addmm(b, x @ W, W.t())), x)

    # compiled with its samples, which it need not write to memory one by one then
    forward = torch.compile(loss_of_batch) if compiled else loss_of_batch

    def step():
        loss = forward()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        with torch.no_grad():
            W.mul_(1 + 1e-3 * (1 / (W.norm(dim=1, keepdim=True) + 1e-8) - 1))
        optimizer.step()
        return loss

    def wait():
        if device == "cuda":
            torch.cuda.synchronize()

    for _ in range(3):
        step()
    wait()
    begun = time.perf_counter()
    for _ in range(steps):
        step()
    wait()
    return steps / (time.perf_counter() - begun)


rates = {"eager": train(False)}
try:
    rates["compiled"] = train(True)
except Exception as error:  # no compiler on the machine
    print(f"torch.compile: {error}".splitlines()[0], file=sys.stderr)
print(json.dumps(rates))

"""Tokens per second of the same model in PyTorch: python peer.py CHECKPOINT TEXTS THREADS ATTENTION BATCH_TOKENS. TEXTS: JSON lists of ids."""
import json
import resource
import sys
import time

import torch
from safetensors.torch import load_file
from transformers import OPTConfig, OPTForCausalLM

folder, texts_path, threads, attention, batch_tokens = sys.argv[1:]
torch.set_num_threads(int(threads))
config = json.load(open(f'{folder}/config.json'))
model = OPTForCausalLM._from_config(OPTConfig(**config), attn_implementation=attention).eval()
model.load_state_dict(load_file(f'{folder}/model.safetensors'), strict=False)
model.tie_weights()
texts = sorted(json.load(open(texts_path)), key=len, reverse=True)
batches = []
while texts:
    count = max(1, int(batch_tokens) // len(texts[0]))
    batches.append(texts[:count])
    texts = texts[count:]
tokens = sum(len(t) for b in batches for t in b)


def evaluate():
    total = 0.0
    with torch.inference_mode():
        for batch in batches:
            ids = torch.zeros(len(batch), len(batch[0]), dtype=torch.long)
            labels = torch.full_like(ids, -100)
            for i, text in enumerate(batch):
                ids[i, :len(text)] = torch.tensor(text)
                labels[i, :len(text)] = ids[i, :len(text)]
            logits = model(ids).logits[:, :-1].reshape(-1, config['vocab_size'])
            total += torch.nn.functional.cross_entropy(logits, labels[:, 1:].reshape(-1), ignore_index=-100, reduction='sum').item()
    return total / sum(len(t) - 1 for b in batches for t in b)


with torch.inference_mode():
    model(torch.tensor([batches[-1][0]]))
cpu = time.process_time()
begun = time.time()
loss = evaluate()
seconds, cpu = time.time() - begun, time.process_time() - cpu
print(json.dumps({'version': torch.__version__, 'attention': attention, 'seconds': seconds, 'cpuSeconds': cpu, 'tokens': tokens, 'loss': loss,
                  'peakBytes': 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))

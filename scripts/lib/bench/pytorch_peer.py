"""The lab's stages in PyTorch, timed: a training step, an evaluation batch, a sampled character.

Started by `deno task bench --python PATH`; prints one JSON object. It measures, it does not check.
"""

import json
import sys
import time
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[3] / "model" / "pytorch"))
from model import build_model  # noqa: E402, the one that the lab exports


def milliseconds(action, seconds):
    for _ in range(3):
        action()
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 5:
        start = time.perf_counter()
        action()
        times.append((time.perf_counter() - start) * 1000)
    times.sort()
    return times[len(times) // 2]


def measure(config, vocabulary, batch, seconds):
    data = torch.randint(vocabulary, (100_000,))
    block = config["blockSize"]
    model = build_model(vocabulary, config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)

    def get_batch():
        starts = torch.randint(len(data) - block, (batch,))
        x = torch.stack([data[i : i + block] for i in starts])
        return x, torch.stack([data[i + 1 : i + block + 1] for i in starts])

    def step():
        _, loss = model(*get_batch())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        loss.item()

    @torch.no_grad()
    def evaluate():
        model(*get_batch())[1].item()

    idx = torch.zeros((1, block), dtype=torch.long)

    def sample():
        logits = model(idx[:, -block:])[0][:, -1, :]
        torch.cat((idx, torch.multinomial(torch.softmax(logits, dim=-1), 1)), dim=1)

    result = {"step": milliseconds(step, seconds)}
    model.eval()
    result["evaluation"] = milliseconds(evaluate, seconds / 2)
    result["sample"] = milliseconds(sample, seconds / 2)
    return result


def main():
    job = json.loads(sys.argv[1])
    best = {}
    for threads in job["threads"]:
        torch.set_num_threads(threads)
        for name, figure in measure(job["config"], job["vocabulary"], job["batch"], job["seconds"]).items():
            best[name] = min(figure, best.get(name, figure))
    print(json.dumps({"version": torch.__version__, **best}))


main()

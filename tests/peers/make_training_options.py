"""Writes tests/fixtures/training_options.json: PyTorch's losses with each option of training.

    python tests/peers/make_training_options.py

Text, weights and batches are drawn as the lab draws them; the schedule is nanoGPT's get_lr, all else
PyTorch's own. tests/options_test.ts trains the same in the lab.
"""

import json
import math
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "model/pytorch"))
from model import build_model  # noqa: E402

VOCABULARY, ITERS, SEED = 37, 12, 1337
MODEL = {
    **{"body": "blocks", "blockSize": 8, "nEmbd": 16, "nHead": 2, "nLayer": 2, "dropout": 0.0},
    **{"skip": "pre-norm", "innerFeedForward": False, "dropoutBeforeProj": False, "widening": 4},
    **{"activation": "relu", "attentionBias": False, "tiedEmbeddings": False},
    **{"positions": "learned", "initialization": "pytorch"},
}
TRAINING = {
    **{"batchSize": 8, "learningRate": 0.01, "warmup": 0, "schedule": "constant"},
    **{"minLearningRate": 0, "clip": 0, "beta2": 0.999, "weightDecay": 0.01, "accumulate": 1},
}
SCHEDULE = {"warmup": 3, "schedule": "cosine", "minLearningRate": 0.1}
CASES = {
    "none": {},
    "warmup": {"warmup": 5},
    "warmup and cosine": SCHEDULE,
    "clipping": {"clip": 0.25},
    "another beta2 and weight decay": {"beta2": 0.95, "weightDecay": 0.1},
    "accumulation": {"accumulate": 4},
    "accumulation with dropout": {"accumulate": 2, "dropout": 0.2},
    "GELU and tied embeddings": {"activation": "gelu", "tiedEmbeddings": True},
    "GPT-2's initial weights": {"initialization": "gpt2"},
    "rotary positions": {"positions": "rotary"},
    "all": {
        **SCHEDULE,
        **{"clip": 0.5, "beta2": 0.95, "weightDecay": 0.1, "accumulate": 4, "dropout": 0.1},
        **{"activation": "gelu", "tiedEmbeddings": True, "initialization": "gpt2"},
        "positions": "rotary",
    },
}


def text(length):
    """Numbers in which there is something to learn, as the lab makes them too."""
    return torch.tensor([(i * i // 3 + 5 * (i // 7)) % VOCABULARY for i in range(length)])


def initialize(model, layers):
    """nanoGPT's initial weights, drawn in the order of the parameters."""
    for name, p in model.named_parameters():
        if p.dim() == 2:
            is_residual = name.endswith("sa.proj.weight") or name.endswith("ffwd.net.2.weight")
            torch.nn.init.normal_(p, std=0.02 / math.sqrt(2 * layers) if is_residual else 0.02)
        elif name.endswith("bias"):
            torch.nn.init.zeros_(p)


def get_lr(it, c):
    """train.py of nanoGPT, with lr_decay_iters = max_iters."""
    if it < c["warmup"]:
        return c["learningRate"] * (it + 1) / (c["warmup"] + 1)
    if c["schedule"] == "constant":
        return c["learningRate"]
    min_lr = c["minLearningRate"] * c["learningRate"]
    decay_ratio = (it - c["warmup"]) / (ITERS - c["warmup"])
    coeff = 0.5 * (1.0 + math.cos(math.pi * decay_ratio))
    return min_lr + coeff * (c["learningRate"] - min_lr)


def whole_loss(model, data, starts):
    """The mean over all targets of windows from the starts on, the last one as long as is left."""
    losses = []
    for start, size in starts:
        x, y = data[start : start + size], data[start + 1 : start + size + 1]
        losses.append(F.cross_entropy(model(x[None])[0][0], y, reduction="none").double())
    return torch.cat(losses).mean().item()


def run(changes):
    model_config = MODEL | {k: v for k, v in changes.items() if k in MODEL}
    c = TRAINING | {k: v for k, v in changes.items() if k in TRAINING}
    train, val, T = text(900), text(1000)[900:], MODEL["blockSize"]
    torch.manual_seed(SEED)
    model = build_model(VOCABULARY, model_config)
    if model_config["initialization"] == "gpt2":
        torch.manual_seed(SEED)
        initialize(model, model_config["nLayer"])
    betas = (0.9, c["beta2"])
    optimizer = torch.optim.AdamW(model.parameters(), betas=betas, weight_decay=c["weightDecay"])
    losses = []
    for it in range(ITERS):
        for group in optimizer.param_groups:
            group["lr"] = get_lr(it, c)
        starts = torch.randint(len(train) - T, (c["batchSize"],)).tolist()
        optimizer.zero_grad(set_to_none=True)
        total = 0.0
        for part in torch.tensor(starts).chunk(c["accumulate"]):
            x = torch.stack([train[i : i + T] for i in part.tolist()])
            y = torch.stack([train[i + 1 : i + T + 1] for i in part.tolist()])
            loss = model(x, y)[1] / c["accumulate"]
            loss.backward()
            total += loss.item()
        if c["clip"]:
            torch.nn.utils.clip_grad_norm_(model.parameters(), c["clip"])
        optimizer.step()
        losses.append(total)
    model.eval()
    count, rest = divmod(len(val) - 1, T)
    val_starts = [(i * T, T) for i in range(count)] + [(count * T, rest)]
    spread = [(i * (len(train) - 1 - T) // count, T if i < count else rest) for i in range(count + 1)]
    with torch.no_grad():
        ends = {"train": whole_loss(model, train, spread), "val": whole_loss(model, val, val_starts)}
    return {"changes": changes, "losses": losses, **ends}


def main():
    torch.set_num_threads(1)
    fixture = {
        "torch": torch.__version__.split("+")[0],
        "vocabulary": VOCABULARY, "iters": ITERS, "seed": SEED, "model": MODEL, "training": TRAINING,
        "cases": {name: run(changes) for name, changes in CASES.items()},
    }
    path = ROOT / "tests/fixtures/training_options.json"
    path.write_text(json.dumps(fixture, indent=1) + "\n", encoding="utf-8")


main()

"""Loads exported folders in PyTorch and computes logits, for tests/pytorch_test.ts to compare.

The only argument is JSON: for each folder the token numbers, and the weights' files to load.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

jobs = json.loads(sys.argv[1])
sys.path.insert(0, jobs[0]["folder"])
from model import build_model, load  # noqa: E402

for job in jobs:
    folder, ids, logits = Path(job["folder"]), torch.tensor(job["ids"]), {}
    with torch.no_grad():
        for i, path in enumerate(job["weights"]):
            model, vocabulary = load(folder, path)
            logits[str(i)] = model.eval()(ids)[0]
        # And other weights, drawn here, as any PyTorch program would save them.
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        torch.manual_seed(1)
        fresh = build_model(len(vocabulary), config["model"]).eval()
        logits["fresh"] = fresh(ids)[0]
    save_file(fresh.state_dict(), folder / "fresh.safetensors")
    save_file(logits, folder / "logits.safetensors")

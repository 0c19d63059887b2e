"""Makes tests/fixtures/gpt2/: a tiny GPT-2 of random weights as `transformers` saves it, and what it computes.

    python tests/peers/make_tiny_gpt2.py

The weights are large enough that every part of the model shows in the logits.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import GPT2Config, GPT2LMHeadModel

FOLDER = Path(__file__).parent.parent / "fixtures" / "gpt2"

torch.manual_seed(2023)
model = GPT2LMHeadModel(GPT2Config(vocab_size=50, n_positions=12, n_embd=16, n_layer=2, n_head=2)).eval()
with torch.no_grad():
    for name, p in model.named_parameters():
        is_scale = ".ln_" in name and name.endswith("weight")
        p.copy_(torch.randn_like(p) * 0.3 + (1 if is_scale else 0))

ids = torch.randint(50, (3, 12))
with torch.no_grad():
    logits = model(ids).logits

# `transformer.h.0.…` as saved; lm_head.weight is the token embedding and so not saved twice.
model.save_pretrained(FOLDER)
(FOLDER / "generation_config.json").unlink(missing_ok=True)
(FOLDER / "config.json").unlink()
save_file({"ids": ids.int(), "logits": logits}, FOLDER / "logits.safetensors")
print(f"logits from {logits.min():.2f} to {logits.max():.2f}")

"""The Hugo lab's models in PyTorch: the same classes, the same parameter names, the same numbers.

    from model import load
    model, vocabulary = load("folder of deno task export")

Shapes: B windows a batch, T positions a window, C numbers a position.
"""

import json
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F


def rotate(x):
    """Queries or keys turned by their places, as rotary positions are: (B, T, head_size) -> same."""
    T, half = x.shape[1], x.shape[2] // 2
    speeds = 10000.0 ** (-torch.arange(half, dtype=torch.float64) / half)
    angles = torch.arange(T, dtype=torch.float64)[:, None] * speeds  # (T, half)
    cos, sin = angles.cos().to(x), angles.sin().to(x)
    a, b = x.split(half, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


class Head(nn.Module):
    """One head of self-attention: (B, T, C) -> (B, T, head_size)."""

    def __init__(self, c, head_size):
        super().__init__()
        bias = c["attentionBias"]
        self.key = nn.Linear(c["nEmbd"], head_size, bias=bias)
        self.query = nn.Linear(c["nEmbd"], head_size, bias=bias)
        self.value = nn.Linear(c["nEmbd"], head_size, bias=bias)
        self.dropout = nn.Dropout(c["dropout"])
        self.rotary = c.get("positions") == "rotary"
        future = torch.ones(c["blockSize"], c["blockSize"], dtype=torch.bool).triu(1)
        self.register_buffer("future", future, persistent=False)  # no part of the weights' file

    def forward(self, x):
        T = x.shape[1]
        k, q, v = self.key(x), self.query(x), self.value(x)  # (B, T, head_size) each
        if self.rotary:
            k, q = rotate(k), rotate(q)
        scores = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5  # (B, T, T)
        scores = scores.masked_fill(self.future[:T, :T], float("-inf"))
        return self.dropout(F.softmax(scores, dim=-1)) @ v  # (B, T, head_size)


class MultiHeadAttention(nn.Module):
    """Several heads in parallel, mixed by a projection: (B, T, C) -> (B, T, C)."""

    def __init__(self, c):
        super().__init__()
        head_size = c["nEmbd"] // c["nHead"]
        self.heads = nn.ModuleList([Head(c, head_size) for _ in range(c["nHead"])])
        self.proj = nn.Linear(c["nEmbd"], c["nEmbd"])
        if c["innerFeedForward"]:
            self.ffwd = FeedForward(c)
        self.dropout = nn.Dropout(c["dropout"])
        self.dropout_before_proj = c["dropoutBeforeProj"]

    def forward(self, x):
        x = torch.cat([head(x) for head in self.heads], dim=-1)  # (B, T, C)
        x = self.proj(self.dropout(x)) if self.dropout_before_proj else self.dropout(self.proj(x))
        return self.ffwd(x) if hasattr(self, "ffwd") else x


class FeedForward(nn.Module):
    """A simple MLP: Linear and ReLU, and Linear back where it widens inside: (B, T, C) -> (B, T, C)."""

    def __init__(self, c):
        super().__init__()
        n, inner = c["nEmbd"], c["nEmbd"] * (c["widening"] or 1)
        layers = [nn.Linear(n, inner), nn.GELU("tanh") if c["activation"] == "gelu" else nn.ReLU()]
        if c["widening"]:
            layers.append(nn.Linear(inner, n))
        self.net = nn.Sequential(*layers, nn.Dropout(c["dropout"]))

    def forward(self, x):
        return self.net(x)


class Block(nn.Module):
    """Attention, then computation: (B, T, C) -> (B, T, C)."""

    def __init__(self, c):
        super().__init__()
        self.skip = c["skip"]
        self.sa = MultiHeadAttention(c)
        self.ffwd = FeedForward(c)
        if self.skip != "none":
            self.ln1 = nn.LayerNorm(c["nEmbd"])
            self.ln2 = nn.LayerNorm(c["nEmbd"])

    def forward(self, x):
        if self.skip == "none":
            return self.ffwd(self.sa(x))
        if self.skip == "notebook":  # the skip connection starts behind the LayerNorm
            x = self.ln1(x)
            x = x + self.sa(x)
            x = self.ln2(x)
            return x + self.ffwd(x)
        x = x + self.sa(self.ln1(x))
        return x + self.ffwd(self.ln2(x))


class LanguageModel(nn.Module):
    """A model of the next character."""

    def forward(self, idx, targets=None):
        """idx, targets (B, T) -> logits (B, T, vocab_size), and the mean loss if there are targets."""
        logits = self.logits(idx)
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())


class BigramLanguageModel(LanguageModel):
    """The next character depends on the current one alone: a table of scores."""

    def __init__(self, vocab_size, c):
        super().__init__()
        self.embeddings = nn.Embedding(vocab_size, vocab_size)

    def logits(self, idx):
        return self.embeddings(idx)


class AttentionLanguageModel(LanguageModel):
    """Embeddings, attention in the stage's form, and a last linear layer."""

    def __init__(self, vocab_size, c):
        super().__init__()
        body, n = c["body"], c["nEmbd"]
        self.token_embedding_table = nn.Embedding(vocab_size, n)
        if c.get("positions") != "rotary":
            self.position_embedding_table = nn.Embedding(c["blockSize"], n)
        if body == "head":
            self.sa_head = Head(c, n)
        elif body == "blocks":
            self.blocks = nn.Sequential(*[Block(c) for _ in range(c["nLayer"])])
            if c["skip"] != "none":
                self.ln_f = nn.LayerNorm(n)
        else:
            self.sa_heads = MultiHeadAttention(c)
            if body == "feed_forward":
                self.ffwd = FeedForward(c)
        if not c["tiedEmbeddings"]:
            self.lm_head = nn.Linear(n, vocab_size)

    def logits(self, idx):
        x = self.token_embedding_table(idx)  # (B, T, C)
        if hasattr(self, "position_embedding_table"):
            x = x + self.position_embedding_table(torch.arange(idx.shape[1], device=idx.device))
        for name in ["sa_head", "sa_heads", "ffwd", "blocks", "ln_f"]:
            if hasattr(self, name):
                x = getattr(self, name)(x)  # (B, T, C)
        if hasattr(self, "lm_head"):
            return self.lm_head(x)  # (B, T, vocab_size)
        return F.linear(x, self.token_embedding_table.weight)  # (B, T, vocab_size)


def build_model(vocab_size, config):
    """The model of a configuration, which is the lab's ModelConfig."""
    kind = BigramLanguageModel if config["body"] == "bigram" else AttentionLanguageModel
    return kind(vocab_size, config)


def load(folder, weights="weights.safetensors"):
    """The model of an exported folder with the weights of one of its files, and its characters."""
    from safetensors.torch import load_file  # nothing else here needs it

    folder = Path(folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    vocabulary = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
    model = build_model(len(vocabulary), config["model"])
    model.load_state_dict(load_file(folder / weights), strict=True)
    return model, vocabulary

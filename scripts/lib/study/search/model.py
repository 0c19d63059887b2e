"""A GPT as the lab's last stage has it, with the changes that the search tries."""

import math

import torch
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    """All heads of a layer at once."""

    def __init__(self, config):
        super().__init__()
        width = config["width"]
        self.config = config
        self.query, self.key, self.value = (nn.Linear(width, width, bias=False) for _ in range(3))
        self.proj = nn.Linear(width, width)

    def forward(self, x, rotation):  # (B, T, C)
        B, T, C = x.shape
        heads = self.config["heads"]
        q, k, v = (
            layer(x).view(B, T, heads, C // heads).transpose(1, 2)  # (B, heads, T, head size)
            for layer in (self.query, self.key, self.value)
        )
        if rotation is not None:
            q, k = rotate(q, *rotation), rotate(k, *rotation)
        scores = q @ k.transpose(-1, -2) * (C // heads) ** -0.5 + self.mask  # (B, heads, T, T)
        weights = F.dropout(F.softmax(scores, -1), self.config["dropout"], self.training)
        out = self.proj((weights @ v).transpose(1, 2).reshape(B, T, C))  # (B, T, C)
        return F.dropout(out, self.config["dropout"], self.training)


def rotate(x, cosine, sine):
    """Rotary positions (Su et al., 2021): pairs of numbers turn by an angle of their position."""
    a, b = x.chunk(2, -1)
    return torch.cat([a * cosine - b * sine, a * sine + b * cosine], -1)


ACTIVATIONS = {"relu": F.relu, "gelu": F.gelu, "squared relu": lambda x: F.relu(x).square()}


class Block(nn.Module):
    """Attention and computation, each behind its LayerNorm and beside a skip."""

    def __init__(self, config):
        super().__init__()
        width = config["width"]
        self.config = config
        self.ln1, self.ln2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(config)
        self.inside, self.outside = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x, rotation):  # (B, T, C)
        x = x + self.attention(self.ln1(x), rotation)
        h = ACTIVATIONS[self.config["activation"]](self.inside(self.ln2(x)))  # (B, T, 4 C)
        return x + F.dropout(self.outside(h), self.config["dropout"], self.training)


class GPT(nn.Module):
    """Scores of the next character."""

    def __init__(self, config, vocabulary, device):
        super().__init__()
        width, block = config["width"], config["block"]
        self.config = config
        self.tokens = nn.Embedding(vocabulary, width)
        self.positions = None if config["rotary"] else nn.Embedding(block, width)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config["layers"]))
        self.ln = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocabulary, bias=not config["tied"])
        initialize(self, config)
        if config["tied"]:
            self.head.weight = self.tokens.weight
        mask = torch.full((block, block), -math.inf, device=device).triu(1)
        for b in self.blocks:
            b.attention.mask = mask
        self.rotation = angles(config, device) if config["rotary"] else None
        self.to(device)

    def forward(self, x, y, smoothing=0.0):  # (B, T), (B, T) -> the mean loss
        h = self.tokens(x)  # (B, T, C)
        if self.positions is not None:
            h = h + self.positions.weight
        h = F.dropout(h, self.config["embedding_dropout"], self.training)
        for block in self.blocks:
            h = block(h, self.rotation)
        scores = self.head(self.ln(h))  # (B, T, vocabulary)
        return F.cross_entropy(scores.flatten(0, 1), y.flatten(), label_smoothing=smoothing)


def angles(config, device):
    half = config["width"] // config["heads"] // 2
    frequencies = 1000.0 ** (-torch.arange(half, device=device) / half)
    turned = torch.outer(torch.arange(config["block"], device=device).float(), frequencies)
    return turned.cos(), turned.sin()


def initialize(model, config):
    """PyTorch's own values stay, but for what the configuration says."""
    kind = config["initialization"]
    for name, parameter in model.named_parameters():
        ends = name.endswith(("proj.weight", "outside.weight"))
        if kind == "gpt2" and parameter.dim() == 2:
            scale = math.sqrt(2 * config["layers"]) if ends else 1
            nn.init.normal_(parameter, 0, 0.02 / scale)
        elif kind == "gpt2" and name.endswith("bias"):
            nn.init.zeros_(parameter)
        elif kind == "zero" and ends:
            nn.init.zeros_(parameter)
        elif config["tied"] and name == "tokens.weight":
            nn.init.normal_(parameter, 0, 0.02)

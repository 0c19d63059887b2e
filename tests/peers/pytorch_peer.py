"""The lab's stages in PyTorch, timed: a training step, an evaluation batch, a sampled character.

Started by `deno task bench --python PATH`; prints one JSON object. It measures, it does not check.
"""

import json
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

VOCABULARY = 101


class Head(nn.Module):
    def __init__(self, c, size):
        super().__init__()
        self.key = nn.Linear(c["nEmbd"], size, bias=False)
        self.query = nn.Linear(c["nEmbd"], size, bias=False)
        self.value = nn.Linear(c["nEmbd"], size, bias=False)
        self.dropout = nn.Dropout(c["dropout"])
        self.register_buffer("tril", torch.tril(torch.ones(c["blockSize"], c["blockSize"])))

    def forward(self, x):
        T = x.shape[1]
        k, q = self.key(x), self.query(x)  # (B, T, size)
        w = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5  # (B, T, T)
        w = w.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        return self.dropout(F.softmax(w, dim=-1)) @ self.value(x)  # (B, T, size)


class MultiHeadAttention(nn.Module):
    def __init__(self, c):
        super().__init__()
        size = c["nEmbd"] // c["nHead"]
        self.heads = nn.ModuleList([Head(c, size) for _ in range(c["nHead"])])
        self.proj = nn.Linear(c["nEmbd"], c["nEmbd"])
        self.ffwd = FeedForward(c) if c["innerFeedForward"] else nn.Identity()
        self.dropout = nn.Dropout(c["dropout"])
        self.before = c["dropoutBeforeProj"]

    def forward(self, x):
        x = torch.cat([head(x) for head in self.heads], dim=-1)
        x = self.proj(self.dropout(x)) if self.before else self.dropout(self.proj(x))
        return self.ffwd(x)


class FeedForward(nn.Module):
    def __init__(self, c):
        super().__init__()
        n, w = c["nEmbd"], c["widening"]
        layers = [nn.Linear(n, w * n), nn.ReLU(), nn.Linear(w * n, n)] if w else [nn.Linear(n, n), nn.ReLU()]
        self.net = nn.Sequential(*layers, nn.Dropout(c["dropout"]))

    def forward(self, x):
        return self.net(x)


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.skip = c["skip"]
        self.sa, self.ffwd = MultiHeadAttention(c), FeedForward(c)
        if self.skip != "none":
            self.ln1, self.ln2 = nn.LayerNorm(c["nEmbd"]), nn.LayerNorm(c["nEmbd"])

    def forward(self, x):
        if self.skip == "none":
            return self.ffwd(self.sa(x))
        if self.skip == "notebook":
            x = self.ln1(x)
            x = x + self.sa(x)
            x = self.ln2(x)
            return x + self.ffwd(x)
        x = x + self.sa(self.ln1(x))
        return x + self.ffwd(self.ln2(x))


class Model(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.block_size, self.body = c["blockSize"], c["body"]
        if self.body == "bigram":
            self.table = nn.Embedding(VOCABULARY, VOCABULARY)
            return
        n = c["nEmbd"]
        self.tokens, self.positions = nn.Embedding(VOCABULARY, n), nn.Embedding(c["blockSize"], n)
        if self.body == "head":
            self.inner = Head(c, n)
        elif self.body == "blocks":
            blocks = [Block(c) for _ in range(c["nLayer"])]
            norm = [] if c["skip"] == "none" else [nn.LayerNorm(n)]
            self.inner = nn.Sequential(*blocks, *norm)
        else:
            ffwd = [FeedForward(c)] if self.body == "feed_forward" else []
            self.inner = nn.Sequential(MultiHeadAttention(c), *ffwd)
        self.lm_head = nn.Linear(n, VOCABULARY)

    def forward(self, idx, targets=None):
        if self.body == "bigram":
            logits = self.table(idx)
        else:
            x = self.tokens(idx) + self.positions(torch.arange(idx.shape[1]))
            logits = self.lm_head(self.inner(x))
        if targets is None:
            return logits
        return F.cross_entropy(logits.view(-1, VOCABULARY), targets.view(-1))


def milliseconds(action, seconds):
    for _ in range(3):
        action()
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 3:
        start = time.perf_counter()
        action()
        times.append((time.perf_counter() - start) * 1000)
    times.sort()
    return times[len(times) // 2]


def measure(config, batch, seconds):
    data = torch.randint(VOCABULARY, (100_000,))
    block = config["blockSize"]
    model = Model(config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)

    def get_batch():
        starts = torch.randint(len(data) - block, (batch,))
        x = torch.stack([data[i : i + block] for i in starts])
        return x, torch.stack([data[i + 1 : i + block + 1] for i in starts])

    def step():
        loss = model(*get_batch())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        loss.item()

    @torch.no_grad()
    def evaluate():
        model(*get_batch()).item()

    idx = torch.zeros((1, block), dtype=torch.long)

    def sample():
        logits = model(idx[:, -block:])[:, -1, :]
        torch.cat((idx, torch.multinomial(F.softmax(logits, dim=-1), 1)), dim=1)

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
        for name, figure in measure(job["config"], job["batch"], job["seconds"]).items():
            best[name] = min(figure, best.get(name, figure))
    print(json.dumps({"version": torch.__version__, **best}))


main()

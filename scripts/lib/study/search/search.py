"""The search for scaled's presets: many small GPTs on one GPU, each for as many steps as two cores
would make in its budget, by a cost model. Writes the CSV file that the report shows.

    python3 search.py data/hugo_contemplations.txt results/search/search.csv

It chooses by the whole validation part. What was chosen is trained by the lab itself.
"""

import csv
import math
import sys

import torch

from model import GPT
from runs import BASE, RUNS

# Operations a second that two cores made in the lab's engine, over five shapes of model (within
# 5 %), as `cost` counts them.
SPEED = 1.55e11
EVALUATIONS = 30
COLUMNS = (
    "change,base,seed,parameters,steps,budget_seconds,best_val_loss,best_seconds,last_val_loss,"
    "last_train_loss"
).split(",")


def cost(config, vocabulary):
    """Operations of a step: products, and what stands between them by the numbers it goes over."""
    C, T, L = config["width"], config["block"], config["layers"]
    tokens = config["batch"] * T
    products = 6 * tokens * (L * 12 * C * C + C * vocabulary + L * 1.5 * T * C)
    between = tokens * L * (1200 * C + 120 * config["heads"] * T)
    if config["optimizer"] == "muon":
        products += L * (4 * 30 * C**3 + 2 * 90 * C**3)
    return products + between + 40 * L * 12 * C * C


def orthogonal(gradient):
    """Muon's update (Jordan et al., 2024): five steps of Newton and Schulz towards orthogonality."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = gradient / (gradient.norm() + 1e-7)
    turned = x.shape[0] > x.shape[1]
    x = x.T if turned else x
    for _ in range(5):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return x.T if turned else x


class Training:
    """One configuration's model, optimizer and batches."""

    def __init__(self, config, train, vocabulary, steps, device):
        torch.manual_seed(config["seed"])
        self.config, self.train, self.steps, self.device = config, train, steps, device
        self.model = GPT(config, vocabulary, device)
        self.parameters = list(self.model.parameters())
        matrices = [p for p in self.model.blocks.parameters() if p.dim() == 2]
        self.matrices = matrices if config["optimizer"] == "muon" else []
        self.momenta = [torch.zeros_like(p) for p in self.matrices]
        taken = {id(p) for p in self.matrices}
        self.rate = torch.tensor(config["rate"], device=device)
        self.done = torch.zeros((), device=device)
        self.adamw = torch.optim.AdamW(
            [p for p in self.parameters if id(p) not in taken],
            lr=self.rate,
            betas=(0.9, config["beta2"]),
            weight_decay=config["decay"],
            capturable=device == "cuda",
        )
        self.mean = None
        for p in self.parameters:
            p.grad = torch.zeros_like(p)

    def factor(self):
        """The share of the learning rate: a linear rise, then a cosine down to 0."""
        rise = torch.clamp((self.done + 1) / max(1, self.config["warmup"]), max=1.0)
        if not self.config["cosine"]:
            return rise
        share = torch.clamp(self.done / self.steps, max=1.0)
        return rise * 0.5 * (1 + torch.cos(math.pi * share))

    def step(self):
        """One update."""
        config, block = self.config, self.config["block"]
        factor = self.factor()
        self.rate.copy_(config["rate"] * factor)
        starts = (torch.rand(config["batch"], device=self.device) * (len(self.train) - block)).long()
        windows = self.train[starts[:, None] + torch.arange(block + 1, device=self.device)]
        self.model(windows[:, :-1], windows[:, 1:], config["smoothing"]).backward()
        with torch.no_grad():
            self.update(factor)
        self.adamw.step()
        for p in self.parameters:
            p.grad.zero_()
        if self.mean is not None:
            torch._foreach_lerp_(self.mean, [p.data for p in self.parameters], 1 - config["mean"])
        self.done.add_(1)

    def update(self, factor):
        """Clips the gradients, and moves the matrices if Muon does."""
        config = self.config
        if config["clip"]:
            gradients = [p.grad for p in self.parameters]
            norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
            torch._foreach_mul_(gradients, torch.clamp(config["clip"] / (norm + 1e-6), max=1.0))
        for p, momentum in zip(self.matrices, self.momenta):
            momentum.lerp_(p.grad, 0.05)
            moved = orthogonal(torch.lerp(p.grad, momentum, 0.95))
            scale = max(1, p.shape[0] / p.shape[1]) ** 0.5
            p.mul_(1 - config["muon_rate"] * config["muon_decay"] * factor)
            p.sub_(moved * (config["muon_rate"] * scale * factor))

    def replayable(self):
        """The step as a graph on a GPU, after which everything is as at the beginning."""
        if self.device != "cuda":
            return self.step
        begin = [p.detach().clone() for p in self.parameters]
        stream = torch.cuda.Stream()
        with torch.cuda.stream(stream):
            for _ in range(3):
                self.step()
        torch.cuda.current_stream().wait_stream(stream)
        if self.config["mean"]:
            self.mean = [p.detach().clone() for p in self.parameters]
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.step()
        with torch.no_grad():
            torch._foreach_copy_([p.data for p in self.parameters], begin)
            state = [t for s in self.adamw.state.values() for t in s.values()]
            for t in [*state, *self.momenta, self.done]:
                t.zero_()
        return graph.replay

    def loss(self, part):
        """The mean over a whole part, by windows that do not overlap; of the mean weights if there are any."""
        block = self.config["block"]
        count = (len(part) - 1) // block
        x, y = (part[i : i + count * block].view(count, block) for i in (0, 1))
        kept = [p.detach().clone() for p in self.parameters] if self.mean else None
        self.model.eval()
        with torch.no_grad():
            if kept:
                torch._foreach_copy_([p.data for p in self.parameters], self.mean)
            sums = [self.model(x[i : i + 512], y[i : i + 512]) * len(x[i : i + 512]) for i in range(0, count, 512)]
            if kept:
                torch._foreach_copy_([p.data for p in self.parameters], kept)
        self.model.train()
        return (sum(sums) / count).item()


def run(change, budget, changes, text, vocabulary, device):
    """A row of the CSV file."""
    config = {**BASE, **changes}
    seconds = cost(config, vocabulary) / SPEED  # of a step, on two cores
    steps = int(budget / seconds)
    border = int(0.9 * len(text))
    train, validation = text[:border], text[border:]
    training = Training(config, train, vocabulary, steps, device)
    step = training.replayable()
    done, best, best_at = 0, math.inf, 0
    for mark in sorted({max(1, steps * i // EVALUATIONS) for i in range(1, EVALUATIONS + 1)}):
        for _ in range(mark - done):
            step()
        done, last = mark, training.loss(validation)
        if last < best:
            best, best_at = last, mark * seconds
    parameters = sum(p.numel() for p in training.parameters)
    known = training.loss(train[:100_000])
    base = "" if change == "base" else "base"
    losses = [f"{best:.4f}", f"{best_at:.1f}", f"{last:.4f}", f"{known:.4f}"]
    return [change, base, config["seed"], parameters, steps, budget, *losses]


def main():
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.backends.cuda.matmul.allow_tf32 = True
    with open(sys.argv[1], encoding="utf-8", newline="") as file:
        text = file.read()
    characters = sorted(set(text))
    numbers = {c: i for i, c in enumerate(characters)}
    encoded = torch.tensor([numbers[c] for c in text], device=device)
    share = float(sys.argv[3]) if len(sys.argv) > 3 else 1  # of each budget, for a try
    with open(sys.argv[2], "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for change, budget, changes in RUNS:
            rows.writerow(run(change, budget * share, changes, encoded, len(characters), device))
            file.flush()


main()

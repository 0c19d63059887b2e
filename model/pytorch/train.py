"""Continues a run of the Hugo lab in PyTorch: `python train.py --help`.

On several processes, GPUs or machines, PyTorch's DistributedDataParallel does the work:

    torchrun --nproc_per_node 2 train.py --corpus hugo_contemplations.txt

Every process draws the same batches and takes its share of their rows; gradients are averaged, so
that a batch means the same for any number of processes. The first process writes the files.
"""

import argparse
import hashlib
import json
import math
import os
import sys
import time
from pathlib import Path

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

from checkpoint import BadFile, read_checkpoint, restore, save, save_weights
from model import build_model

FOLDER = Path(__file__).parent
# Which process this is, on its machine and of all, as torchrun tells it.
LOCAL_RANK, RANK = int(os.environ.get("LOCAL_RANK", 0)), int(os.environ.get("RANK", 0))
WORLD = int(os.environ.get("WORLD_SIZE", 1))
# What the lab's files leave out where it is off.
OPTIONS = {
    **{"warmup": 0, "schedule": "constant", "minLearningRate": 0, "clip": 0, "accumulate": 1},
    **{"beta2": 0.999, "weightDecay": 0.01, "evaluate": "batches", "testPart": False},
}


def read_arguments():
    parser = argparse.ArgumentParser(description="continue a run of the Hugo lab in PyTorch")
    parser.add_argument("--corpus", required=True, help="the text that the run learns from")
    parser.add_argument("--iters", type=int, help="iterations, the lab's included (default: the run's)")
    parser.add_argument("--batch-size", type=int, help="windows a batch, of all processes together (default: the run's)")
    parser.add_argument("--learning-rate", type=float, help="AdamW's learning rate (default: the run's)")
    parser.add_argument("--log-interval", type=int, default=0, help="print the loss every so many iterations")
    parser.add_argument("--device", choices=["cpu", "cuda"], help="default: cuda where there is one")
    return parser.parse_args()


def fail(message):
    """Ends the program with one line, as the lab's tasks do."""
    print(f"error: {message}", file=sys.stderr)
    raise SystemExit(2)


def read_corpus(path, sha256, vocabulary):
    """The numbers of the text's characters, split as in the lab: 90 % to train on."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        fail(f"the corpus {path} cannot be read ({error.strerror}): give a text file's path")
    if hashlib.sha256(data).hexdigest() != sha256:
        fail(f"{path} is not the text that the run began with: its sha256 differs")
    numbers = {c: i for i, c in enumerate(vocabulary)}
    encoded = torch.tensor([numbers[c] for c in data.decode("utf-8")])
    end = int(0.9 * len(encoded))
    return {"train": encoded[:end], "val": encoded[end:]}


def learning_rate(iteration, s, iters):
    """The lab's schedule: linear up, then as it is or down a cosine to the run's last iteration."""
    rate, warmup = s["learningRate"], s["warmup"]
    if iteration < warmup:
        return rate * (iteration + 1) / (warmup + 1)
    if s["schedule"] == "constant":
        return rate
    lowest = s["minLearningRate"] * rate
    share = (iteration - warmup) / (iters - warmup)
    return lowest + 0.5 * (1 + math.cos(math.pi * share)) * (rate - lowest)


class Training:
    """A model, its optimizer and everything drawn from one generator, where the checkpoint stands."""

    def __init__(self, checkpoint, corpus, device):
        tensors, self.info, self.run, drawn = checkpoint
        self.settings, self.device = OPTIONS | self.run["settings"], device
        vocabulary, config = json.loads(self.info["vocabulary"]), json.loads(self.info["config"])
        self.data = read_corpus(corpus, self.settings["the corpus's sha256"], vocabulary)
        if self.settings["testPart"]:
            self.data["train"] = self.data["train"][: int(0.9 * len(self.data["train"]))]
        self.model = build_model(len(vocabulary), config).to(device)
        betas, decay = (0.9, self.settings["beta2"]), self.settings["weightDecay"]
        self.optimizer = torch.optim.AdamW(self.model.parameters(), betas=betas, weight_decay=decay)
        # One process draws dropout's masks from the same generator as batches, as the lab does.
        # Several need the same batches and different masks.
        torch.manual_seed(1 + RANK + WORLD * self.run["iteration"])
        self.generator = torch.default_generator if WORLD == 1 else torch.Generator()
        restore(tensors, drawn, self.model, self.optimizer, self.generator)
        self.parallel = self.model
        if WORLD > 1:
            self.parallel = DistributedDataParallel(self.model, broadcast_buffers=False)

    def get_batch(self, part):
        """This process's rows of the next batch: x and y, (B / processes, T) each."""
        data, B, T = self.data[part], self.settings["batchSize"], self.settings["blockSize"]
        starts = torch.randint(len(data) - T, (B,), generator=self.generator)
        own = starts.view(WORLD, -1)[RANK].tolist()
        x = torch.stack([data[i : i + T] for i in own])
        y = torch.stack([data[i + 1 : i + T + 1] for i in own])
        return x.to(self.device), y.to(self.device)

    def step(self, iteration):
        """One update; gives the loss of the batch before it."""
        self.model.train()
        parts, clip = self.settings["accumulate"], self.settings["clip"]
        x, y = self.get_batch("train")
        total = torch.zeros((), device=self.device)
        self.optimizer.zero_grad(set_to_none=True)
        for part_x, part_y in zip(x.chunk(parts), y.chunk(parts)):
            loss = self.parallel(part_x, part_y)[1] / parts
            loss.backward()  # with several processes, this averages their gradients
            total += loss.detach()
        if clip:
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), clip)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(iteration, self.settings, self.run["iters"])
        self.optimizer.step()
        return total

    @torch.no_grad()
    def estimate_loss(self):
        """The mean losses of both parts, dropout off: of random batches, or of every position."""
        self.model.eval()
        if self.settings["evaluate"] == "whole":
            return self.whole_losses()
        count, means = self.settings["evalIters"], []
        for part in ["train", "val"]:
            losses = [self.model(*self.get_batch(part))[1].item() for _ in range(count)]
            means.append(self.mean_of_processes(sum(losses) / count))
        return means

    def whole_losses(self):
        """All of the validation part, and as many windows of the other, spread evenly over it."""
        train, val, T = self.data["train"], self.data["val"], self.settings["blockSize"]
        count, rest = divmod(min(len(train), len(val)) - 1, T)
        steps = max(1, count - (0 if rest else 1))
        spread = [i * (len(train) - 1 - T) // steps for i in range(count + 1)]
        beside = [i * T for i in range((len(val) - 1) // T + 1)]
        rest_val = (len(val) - 1) % T
        return [self.loss_at(train, spread, rest), self.loss_at(val, beside, rest_val)]

    def loss_at(self, data, starts, rest):
        """The mean loss of windows that start there, the last one being of another length."""
        T, B = self.settings["blockSize"], self.settings["batchSize"]
        groups = [(starts[i : min(i + B, len(starts) - 1)], T) for i in range(0, len(starts) - 1, B)]
        groups += [(starts[-1:], rest)] if rest else []
        total = 0.0
        for group, size in groups:
            x = torch.stack([data[i : i + size] for i in group]).to(self.device)
            y = torch.stack([data[i + 1 : i + size + 1] for i in group]).to(self.device)
            total += self.model(x, y)[1].item() * y.numel()
        return total / sum(len(group) * size for group, size in groups)

    def mean_of_processes(self, value):
        total = torch.tensor(float(value), dtype=torch.float64, device=self.device)
        if WORLD > 1:
            dist.all_reduce(total)
        return total.item() / WORLD

    def add_row(self, table, *cells):
        """A row as the lab's CSV files have it; bigram's end in the run's length."""
        length = [str(self.run["iters"])] if self.info["stage"] == "bigram" else []
        self.run["rows"].setdefault(table, []).append([*cells, *length])

    def save(self, iteration, evaluated):
        if RANK == 0:
            self.run |= {"iteration": iteration, "evaluated": evaluated}
            path = FOLDER / "checkpoint.safetensors"
            save(path, self.model, self.optimizer, self.generator, self.info, self.run)

    def save_weights(self, name, val_loss=None):
        if RANK == 0:
            save_weights(FOLDER / f"{name}.safetensors", self.model, self.info, val_loss)


def is_evaluated(step, training):
    """At every interval of iterations, and at the last step of every stage but bigram."""
    is_last = step == training.run["iters"] - 1 and training.info["stage"] != "bigram"
    return step % training.settings["evalInterval"] == 0 or is_last


def evaluate(training, step, seconds):
    """Prints a row, adds it to the run's tables, and writes the checkpoint and the best weights."""
    run = training.run
    train_loss, val_loss = training.estimate_loss()
    if RANK == 0:
        print(f"step {step}: train loss {train_loss:.4f}, val loss {val_loss:.4f}", flush=True)
    training.add_row("losses", str(step), f"{train_loss:.6f}", f"{val_loss:.6f}")
    training.add_row("timings", str(step), f"{seconds:.3f}")
    if run["bestLoss"] is None or val_loss < run["bestLoss"]:
        run["bestLoss"] = val_loss
        training.save_weights("best", val_loss)
    training.save(step, True)


def train(training, log_interval):
    """The lab's loop: evaluate every now and then, draw a batch, update."""
    run = training.run
    first, is_done = run["iteration"], run["evaluated"]
    timings = run["rows"].get("timings")
    started = time.perf_counter() - (float(timings[-1][1]) if timings else 0)
    for step in range(first, run["iters"]):
        if is_evaluated(step, training) and not (is_done and step == first):
            evaluate(training, step, time.perf_counter() - started)
        loss = training.step(step)
        if not math.isfinite(loss):
            fail(f"the loss became {loss.item()} at iteration {step}: try a smaller --learning-rate")
        if log_interval and step % log_interval == 0:
            mean = training.mean_of_processes(loss)
            if RANK == 0:
                print(f"iteration {step}: loss {mean:.7f}", flush=True)
    training.save_weights("final")
    training.save(run["iters"], False)


def read_run(args):
    """The folder's checkpoint with the arguments' values in place of its own."""
    path = FOLDER / "checkpoint.safetensors"
    try:
        checkpoint = read_checkpoint(path)
    except (OSError, BadFile) as error:
        fail(f"cannot continue from {path}: {error}")
    _, info, run, _ = checkpoint
    settings = run["settings"]
    settings["batchSize"] = args.batch_size or settings["batchSize"]
    settings["learningRate"] = args.learning_rate or settings["learningRate"]
    set_length(run, info["stage"], args.iters or run["iters"])
    parts = WORLD * settings.get("accumulate", 1)
    if run["iters"] != settings.get("iters", run["iters"]):
        fail(f"the schedule is of {settings['iters']} iterations: leave --iters out")
    if settings["batchSize"] % parts != 0:
        what = "processes" if parts == WORLD else "parts"
        fail(f"{parts} {what} cannot share a batch of {settings['batchSize']}: give a --batch-size")
    if run["iteration"] >= run["iters"]:
        fail(f"the run has its {run['iteration']} iterations: give a larger number with --iters")
    return checkpoint


def set_length(run, stage, iters):
    """The run has so many iterations from now on: bigram's rows of this run tell it too."""
    before, run["iters"] = str(run["iters"]), iters
    for row in [row for rows in run["rows"].values() for row in rows if stage == "bigram"]:
        if row[-1] == before:
            row[-1] = str(iters)


def main():
    args = read_arguments()
    checkpoint = read_run(args)
    use_cuda = args.device == "cuda" or args.device is None and torch.cuda.is_available()
    device = torch.device("cuda", LOCAL_RANK) if use_cuda else torch.device("cpu")
    if use_cuda:
        torch.cuda.set_device(device)
    if WORLD > 1:
        dist.init_process_group("nccl" if use_cuda else "gloo")
    train(Training(checkpoint, args.corpus, device), args.log_interval)
    if WORLD > 1:
        dist.destroy_process_group()


if __name__ == "__main__":
    main()

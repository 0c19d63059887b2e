"""The lab's checkpoint file: read into a PyTorch training, and written so that the lab goes on from it.

Beside the weights lie AdamW's moments (`adamw.m.`, `adamw.v.`) and the words of the generator; the
header holds what the model is, where the run stands, and a SHA-256 over all the rest. PyTorch's CPU generator and the
lab's are the same mt19937, so that its state passes in both directions.
"""

import hashlib
import json
import os
import struct
from pathlib import Path

import numpy as np
import torch

CHECKPOINT, WEIGHTS = "hugo-lab checkpoint 1", "hugo-lab weights 1"
M, V, WORDS = "adamw.m.", "adamw.v.", "generator.words"
# In torch.get_rng_state(): the seed (8 bytes), how many words are left and whether it is seeded
# (4 each), the next word (8), the 624 words (8 each), an unused double and then the second value of
# a pair of normal ones, an unused double, whether that value is there (4).
COUNTS, STATE, NORMAL, HAS_NORMAL, N = 8, 24, 24 + 624 * 8 + 8, 24 + 624 * 8 + 24, 624


class BadFile(Exception):
    """The file is no checkpoint, or was damaged."""


def read_checkpoint(path):
    """The checked file: its tensors, what its model is, the run's state, what was drawn and updated."""
    data = Path(path).read_bytes()
    try:
        tensors, texts = decode(data)
        checksum = texts.pop("checksum")
        if texts.pop("format") != CHECKPOINT:
            raise BadFile("it is of another format")
        if checksum_of(tensors, {"format": CHECKPOINT, **texts}) != checksum:
            raise BadFile("it was altered or damaged: its checksum differs")
        run, drawn = json.loads(texts.pop("run")), json.loads(texts.pop("drawn"))
        return tensors, texts, run, drawn
    except (KeyError, TypeError, ValueError, struct.error) as error:
        raise BadFile("it is no whole checkpoint of the lab") from error


def restore(tensors, drawn, model, optimizer, generator):
    """Puts a training where the checkpoint stands."""
    names = dict(model.named_parameters())
    weights = {name: torch.from_numpy(tensors[name]) for name in tensors.keys() & names.keys()}
    model.load_state_dict(weights, strict=True)
    if drawn["updates"] > 0:
        for name, parameter in names.items():
            optimizer.state[parameter] = {
                "step": torch.tensor(float(drawn["updates"])),
                "exp_avg": torch.from_numpy(tensors[M + name]).to(parameter.device),
                "exp_avg_sq": torch.from_numpy(tensors[V + name]).to(parameter.device),
            }
    generator.set_state(to_torch(tensors[WORDS], drawn, generator.get_state()))


def save(path, model, optimizer, generator, info, run):
    """Writes the checkpoint, in one piece or not at all."""
    tensors = weights_of(model)
    updates = 0
    for name, parameter in model.named_parameters():
        state = optimizer.state.get(parameter, {})
        zeros = torch.zeros_like(parameter)
        tensors[M + name] = array(state.get("exp_avg", zeros))
        tensors[V + name] = array(state.get("exp_avg_sq", zeros))
        updates = int(state.get("step", 0))
    tensors[WORDS], drawn = from_torch(generator.get_state())
    texts = {"format": CHECKPOINT, **info, "run": dump(run), "drawn": dump({**drawn, "updates": updates})}
    texts["checksum"] = checksum_of(tensors, texts)
    write_atomically(path, encode(tensors, texts))


def save_weights(path, model, info, val_loss=None):
    """Writes the weights alone, what they are of and, of the best ones, their validation loss."""
    tensors, texts = weights_of(model), {"format": WEIGHTS, **info}
    if val_loss is not None:
        texts["valLoss"] = repr(val_loss)
    texts["checksum"] = checksum_of(tensors, texts)
    write_atomically(path, encode(tensors, texts))


def weights_of(model):
    """The model's weights under their names."""
    return {name: array(parameter) for name, parameter in model.named_parameters()}


def checksum_of(tensors, texts):
    """The SHA-256 of the file as it would be without a checksum, its texts sorted by name."""
    return hashlib.sha256(encode(tensors, dict(sorted(texts.items())))).hexdigest()


def encode(tensors, texts):
    """A safetensors file, byte for byte as the lab writes it: the checksum is over these bytes."""
    header, parts, end = {"__metadata__": texts} if texts else {}, [], 0
    for name in sorted(tensors):
        data = tensors[name].tobytes()
        dtype = "I32" if tensors[name].dtype == np.int32 else "F32"
        offsets = [end, end + len(data)]
        header[name] = {"dtype": dtype, "shape": list(tensors[name].shape), "data_offsets": offsets}
        parts.append(data)
        end += len(data)
    text = dump(header).encode("utf-8")
    text += b" " * (-len(text) % 8)
    return b"".join([struct.pack("<Q", len(text)), text, *parts])


def decode(data):
    """The arrays and texts of a safetensors file, in its order."""
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    texts, tensors = header.pop("__metadata__", {}), {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        dtype = {"I32": np.int32, "F32": np.float32}[entry["dtype"]]
        part = bytearray(data[8 + length + first : 8 + length + last])
        tensors[name] = np.frombuffer(part, dtype).reshape(entry["shape"])
    return tensors, texts


def dump(value):
    """JSON as JavaScript writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def array(tensor):
    return np.ascontiguousarray(tensor.detach().cpu().numpy())


def write_atomically(path, data):
    """Writes a file beside the path and renames it over what is there."""
    temporary = f"{path}.{os.getpid()}.partial"
    with open(temporary, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def to_torch(words, drawn, state):
    """The lab's generator as the bytes of PyTorch's; `state` is any of them, for its other parts."""
    raw = bytearray(state.numpy().tobytes())
    used, normal = drawn["position"], drawn["cachedNormal"]
    struct.pack_into("<iiQ", raw, COUNTS, N + 1 - used, 1, used)
    struct.pack_into(f"<{N}Q", raw, STATE, *words.view(np.uint32).tolist())
    struct.pack_into("<d", raw, NORMAL, normal or 0.0)
    struct.pack_into("<i", raw, HAS_NORMAL, normal is not None)
    return torch.frombuffer(raw, dtype=torch.uint8).clone()


def from_torch(state):
    """The words of PyTorch's generator, and how far it has come."""
    raw = state.numpy().tobytes()
    (left,) = struct.unpack_from("<i", raw, COUNTS)
    words = np.array(struct.unpack_from(f"<{N}Q", raw, STATE), dtype=np.uint32).view(np.int32)
    (normal,) = struct.unpack_from("<d", raw, NORMAL)
    (has_normal,) = struct.unpack_from("<i", raw, HAS_NORMAL)
    return words, {"position": N + 1 - left, "cachedNormal": normal if has_normal else None}

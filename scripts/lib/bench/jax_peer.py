"""The lab's stages in JAX, jitted, timed: one training step.

Started by `deno task bench --python PATH`; prints one JSON object. It measures, it does not check.
"""

import json
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np


def linear_parameters(key, inside, outside, bias=True):
    bound = inside**-0.5
    k1, k2 = jax.random.split(key)
    p = {"w": jax.random.uniform(k1, (inside, outside), minval=-bound, maxval=bound)}
    if bias:
        p["b"] = jax.random.uniform(k2, (outside,), minval=-bound, maxval=bound)
    return p


def linear(p, x):
    y = x @ p["w"]
    return y + p["b"] if "b" in p else y


def norm(p, x):
    mean = x.mean(-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(x.var(-1, keepdims=True) + 1e-5) * p["w"] + p["b"]


def build(c, vocabulary, seed):
    keys = iter(jax.random.split(jax.random.PRNGKey(seed), 2000))
    n = c["nEmbd"]
    ones = lambda: {"w": jnp.ones(n), "b": jnp.zeros(n)}

    def ffwd():
        w = c["widening"]
        if w:
            return [linear_parameters(next(keys), n, w * n), linear_parameters(next(keys), w * n, n)]
        return [linear_parameters(next(keys), n, n)]

    def head(size):
        return [linear_parameters(next(keys), n, size, False) for _ in range(3)]

    def attention():
        p = {"heads": [head(n // c["nHead"]) for _ in range(c["nHead"])]}
        p["proj"] = linear_parameters(next(keys), n, n)
        if c["innerFeedForward"]:
            p["ffwd"] = ffwd()
        return p

    if c["body"] == "bigram":
        return {"table": jax.random.normal(next(keys), (vocabulary, vocabulary))}
    p = {
        "tokens": jax.random.normal(next(keys), (vocabulary, n)),
        "positions": jax.random.normal(next(keys), (c["blockSize"], n)),
        "lm_head": linear_parameters(next(keys), n, vocabulary),
    }
    if c["body"] == "head":
        p["head"] = head(n)
    elif c["body"] == "blocks":
        p["blocks"] = []
        for _ in range(c["nLayer"]):
            block = {"sa": attention(), "ffwd": ffwd()}
            if c["skip"] != "none":
                block.update(ln1=ones(), ln2=ones())
            p["blocks"].append(block)
        if c["skip"] != "none":
            p["ln_f"] = ones()
    else:
        p["sa"] = attention()
        if c["body"] == "feed_forward":
            p["ffwd"] = ffwd()
    return p


def forward(c, p, idx, key):
    keys = iter(jax.random.split(key, 200))

    def dropout(x):
        if c["dropout"] == 0:
            return x
        keep = 1 - c["dropout"]
        return jnp.where(jax.random.bernoulli(next(keys), keep, x.shape), x / keep, 0)

    def run_head(h, x):
        k, q, v = (linear(p, x) for p in h)
        w = q @ k.swapaxes(-1, -2) * k.shape[-1] ** -0.5
        T = x.shape[1]
        w = jnp.where(jnp.tril(jnp.ones((T, T), bool)), w, -jnp.inf)
        return dropout(jax.nn.softmax(w)) @ v

    def run_ffwd(layers, x):
        x = jax.nn.relu(linear(layers[0], x))
        return dropout(linear(layers[1], x) if len(layers) > 1 else x)

    def run_attention(a, x):
        x = jnp.concatenate([run_head(h, x) for h in a["heads"]], -1)
        x = linear(a["proj"], dropout(x)) if c["dropoutBeforeProj"] else dropout(linear(a["proj"], x))
        return run_ffwd(a["ffwd"], x) if "ffwd" in a else x

    if c["body"] == "bigram":
        return p["table"][idx]
    x = p["tokens"][idx] + p["positions"][: idx.shape[1]]
    if "head" in p:
        x = run_head(p["head"], x)
    if "sa" in p:
        x = run_attention(p["sa"], x)
    if "ffwd" in p:
        x = run_ffwd(p["ffwd"], x)
    for b in p.get("blocks", []):
        if c["skip"] == "none":
            x = run_ffwd(b["ffwd"], run_attention(b["sa"], x))
        elif c["skip"] == "notebook":
            x = norm(b["ln1"], x)
            x = x + run_attention(b["sa"], x)
            x = norm(b["ln2"], x)
            x = x + run_ffwd(b["ffwd"], x)
        else:
            x = x + run_attention(b["sa"], norm(b["ln1"], x))
            x = x + run_ffwd(b["ffwd"], norm(b["ln2"], x))
    if "ln_f" in p:
        x = norm(p["ln_f"], x)
    return linear(p["lm_head"], x)


def main():
    job = json.loads(sys.argv[1])
    c = job["config"]
    vocabulary = job["vocabulary"]
    params = build(c, vocabulary, 0)
    m = jax.tree.map(jnp.zeros_like, params)
    v = jax.tree.map(jnp.zeros_like, params)

    def loss_of(params, x, y, key):
        logp = jax.nn.log_softmax(forward(c, params, x, key))
        return -jnp.take_along_axis(logp, y[..., None], -1).mean()

    @jax.jit
    def step(params, m, v, t, x, y, key):
        loss, g = jax.value_and_grad(loss_of)(params, x, y, key)
        m = jax.tree.map(lambda a, b: 0.9 * a + 0.1 * b, m, g)
        v = jax.tree.map(lambda a, b: 0.999 * a + 0.001 * b * b, v, g)
        s = 1e-3 / (1 - 0.9**t)
        r = jnp.sqrt(1 - 0.999**t)
        update = lambda p, a, b: p * (1 - 1e-5) - s * a / (jnp.sqrt(b) / r + 1e-8)
        return jax.tree.map(update, params, m, v), m, v, loss

    data = np.random.randint(vocabulary, size=100_000)
    block, batch = c["blockSize"], job["batch"]
    times, t = [], 0
    end = None
    while end is None or time.perf_counter() < end or len(times) < 5:
        start = time.perf_counter()
        t += 1
        i = np.random.randint(len(data) - block, size=batch)[:, None] + np.arange(block)
        params, m, v, loss = step(params, m, v, float(t), data[i], data[i + 1], jax.random.PRNGKey(t))
        loss.block_until_ready()
        if t > 3:
            end = end or time.perf_counter() + job["seconds"]
            times.append((time.perf_counter() - start) * 1000)
    times.sort()
    print(json.dumps({"version": jax.__version__, "step": times[len(times) // 2]}))


main()

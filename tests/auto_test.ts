/** What `--backend auto` chooses. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { chooseBackend, findWebGpu, useBackend } from "@hugo-lab/model";
import * as tf from "@hugo-lab/model/tf";
import { secondsOfTrial } from "../model/backends/trial.ts";

Deno.test("auto takes the engine for small steps, without looking for a GPU", async () => {
  using gpu = replaceGpu(() => {
    throw new Error("a GPU was looked for");
  });
  assertEquals((await chooseBackend(1e8)).name, "lab");
  assertEquals(gpu.asked, 0);
});

Deno.test("auto takes no software adapter for a large model, and tells its name", async () => {
  using gpu = replaceGpu(() => adapter("llvmpipe (LLVM 15.0.6, 256 bits)", false));
  const { name, why } = await chooseBackend(1e12);
  assert(name !== "webgpu");
  if (name === "lab") assert(why.includes("llvmpipe"), why);
  assertEquals(gpu.asked, name === "lab" ? 1 : 0);
});

Deno.test("auto takes the engine for a large model where there is no adapter", async () => {
  using _gpu = replaceGpu(() => null);
  const { name, why } = await chooseBackend(1e12);
  if (name === "lab") assert(why.includes("webgpu: no adapter"), why);
  else assertEquals(name, "tensorflow");
});

Deno.test("auto takes a GPU through WebGPU for a large model where it is faster", async () => {
  using _gpu = replaceGpu(() => adapter("a graphics card", false));
  const timeOf = (name: string) => Promise.resolve(name === "lab" ? 1 : 0.25);
  const { name, why } = await chooseBackend(1e12, timeOf);
  assert(name === "webgpu" || name === "tensorflow");
  assertStringIncludes(why, "4.0 times as fast");
});

Deno.test("auto takes the engine for a large model where a GPU is slower, and says so", async () => {
  using _gpu = replaceGpu(() => adapter("a graphics card", false));
  const timeOf = (name: string) => Promise.resolve(name === "lab" ? 1 : 8);
  const { name, why } = await chooseBackend(1e12, timeOf);
  assertEquals(name, "lab");
  assertStringIncludes(why, "webgpu: it takes 8.0 times as long");
});

Deno.test("the trial of a backend frees what it made", async () => {
  await useBackend("lab");
  const before = tf.memory().numTensors;
  const seconds = await secondsOfTrial("lab");
  assert(seconds > 0 && seconds < 60, `${seconds} s`);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("an adapter that calls itself a fallback is software", async () => {
  using _gpu = replaceGpu(() => adapter("something new", true));
  assertEquals(await findWebGpu(), { description: "something new", isSoftware: true });
});

function adapter(description: string, isFallbackAdapter: boolean): GPUAdapter {
  return { info: { description, device: "", isFallbackAdapter } } as unknown as GPUAdapter;
}

/** Puts a function in the place of what asks the system for an adapter, until disposed of. */
function replaceGpu(requestAdapter: () => GPUAdapter | null) {
  const original = navigator.gpu.requestAdapter;
  const replaced = {
    asked: 0,
    [Symbol.dispose]: () => void (navigator.gpu.requestAdapter = original),
  };
  navigator.gpu.requestAdapter = () => {
    replaced.asked++;
    return Promise.resolve(requestAdapter());
  };
  return replaced;
}

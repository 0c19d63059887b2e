/**
 * `deno task build_kernels`: compiles the engine's kernels to WebAssembly, with relaxed SIMD, the
 * same for wide vectors, and without, and writes their types; with `--check` it only compares what is committed.
 *
 * @module
 */
import asc from "npm:assemblyscript@0.28.20/asc";
import { UserError, withLineFeeds } from "@hugo-lab/model";
import { bindingsOf } from "./lib/kernel_bindings.ts";
import { main, task } from "./lib/task/task.ts";

const SOURCES = new URL("../model/backends/lab/kernels/", import.meta.url);
const BUILT = new URL("../model/backends/lab/machine/", import.meta.url);

const OPTIONS = [
  "--importMemory",
  "--sharedMemory",
  ...["--initialMemory", "16", "--maximumMemory", "65536"],
  ...["--runtime", "stub"],
  ...["--bindings", "raw"],
  "-O3",
  "--noAssert",
];

const BUILDS: Record<string, { features: string; wide?: boolean }> = {
  "kernels.wasm": { features: "simd,relaxed-simd,threads" },
  "kernels_wide.wasm": { features: "simd,relaxed-simd,threads", wide: true },
  "kernels_strict.wasm": { features: "simd,threads" },
};

/** The file that says for which machine the kernels are compiled. */
const WIDTH = "lib/width.ts";

/** The task. */
export const buildKernels = task({
  name: "build_kernels",
  about: "compiles the engine's kernels to WebAssembly",
  flags: { check: { kind: "switch", help: "compare what is committed, write nothing" } },
  async run({ check = false }) {
    const sources = await readSources();
    const encode = (text: string) => new TextEncoder().encode(text);
    for (const [name, { features, wide = false }] of Object.entries(BUILDS)) {
      const width = sources.get(WIDTH)!.replace("bool = false", `bool = ${wide}`);
      const { module, declarations } = await compile(new Map(sources).set(WIDTH, width), features);
      await output(name, module, check);
      await output("kernels.ts", encode(bindingsOf(declarations)), check);
    }
    await output("kernels.sha256", encode(await hashOf(sources) + "\n"), check);
    console.log(check ? "the committed kernels are those of the sources" : "kernels built");
  },
});

/** The sources by name, in order. */
async function readSources(): Promise<Map<string, string>> {
  const sources = new Map<string, string>();
  for (const folder of ["", "lib/"]) {
    const names = [];
    for await (const { name } of Deno.readDir(new URL(folder, SOURCES))) names.push(folder + name);
    for (const name of names.filter((n) => n.endsWith(".ts")).sort()) {
      sources.set(name, withLineFeeds(await Deno.readTextFile(new URL(name, SOURCES))));
    }
  }
  return sources;
}

/** The module, and what the compiler declares that it exports. */
async function compile(
  sources: Map<string, string>,
  features: string,
): Promise<{ module: Uint8Array; declarations: string }> {
  const built = new Map<string, string | Uint8Array>();
  const { error, stderr } = await asc.main(
    ["index.ts", "--outFile", "out.wasm", "--enable", features, ...OPTIONS],
    {
      readFile: (name: string) => sources.get(name) ?? null,
      writeFile: (name, contents) => void built.set(name, contents),
      listFiles: () => [],
    },
  );
  if (error) throw new UserError(`the kernels do not compile:\n${stderr}`);
  return {
    module: built.get("out.wasm") as Uint8Array,
    declarations: built.get("out.d.ts") as string,
  };
}

async function hashOf(sources: Map<string, string>): Promise<string> {
  const text = [...sources].map(([name, source]) => `${name}\n${source}`).join("\n");
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex();
}

/** Writes a file, or compares it with the one that is there. */
async function output(name: string, bytes: Uint8Array, check: boolean): Promise<void> {
  const url = new URL(name, BUILT);
  if (!check) return await Deno.writeFile(url, bytes);
  const file = await Deno.readFile(url);
  const committed = name.endsWith(".wasm") ? file : withoutCarriageReturns(file);
  const same = committed.length === bytes.length && committed.every((b, i) => b === bytes[i]);
  if (!same) throw new UserError(`${name} is not of these sources: run deno task build_kernels`);
}

const withoutCarriageReturns = (bytes: Uint8Array) => bytes.filter((b) => b !== 13);

if (import.meta.main) await main(buildKernels);

/**
 * `deno task test:originals --std DIR`: the lab on the originals of the @std packages instead of
 * the stand-ins. In a copy of the workspace that has no stand-ins: types, tests, and the whole lab.
 *
 * @module
 */
import { stripVTControlCharacters } from "node:util";
import { fileURLToPath } from "node:url";
import { HUGO_PATH, UserError } from "@hugo-lab/model";
import { main, task } from "./lib/task/task.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
/** What the lab imports; what these import is found. */
const USED = ["cli", "csv", "assert"];
const STAND_INS = "model/std/";

/** The task; gives the exit code. */
const testOriginals = task({
  name: "test:originals",
  about: "tests the lab on the originals of @std",
  flags: {
    std: {
      kind: "text",
      value: "DIR",
      required: "a checkout of github.com/denoland/std",
      help: "a checkout of github.com/denoland/std",
    },
  },
  async run({ std }): Promise<number> {
    const packages = await findPackages(std);
    console.log([...packages].map(([name, { version }]) => `${name} ${version}`).join(", "));
    const folder = await Deno.makeTempDir({ prefix: "originals " });
    try {
      await copyWorkspace(folder);
      await link(folder, [...packages.values()].map(({ path }) => path));
      return await runAll(folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** The used packages in the checkout, and those that they import. */
async function findPackages(std: string): Promise<Map<string, { path: string; version: string }>> {
  const packages = new Map<string, { path: string; version: string }>();
  const wanted = [...USED];
  for (const name of wanted) { // grows on the way
    try {
      const path = await Deno.realPath(`${std}/${name}`);
      const { version } = JSON.parse(await Deno.readTextFile(`${path}/deno.json`));
      packages.set(name, { path, version });
      wanted.push(...(await importsOf(path)).filter((other) => !wanted.includes(other)));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw new UserError(`--std ${std} has no package ${name}: give a checkout of denoland/std`);
    }
  }
  return packages;
}

/** The other packages that a package's modules import, its tests and examples left out. */
async function importsOf(path: string): Promise<string[]> {
  const names = new Set<string>();
  for await (const { name } of Deno.readDir(path)) {
    if (!/(?<!_test)\.ts$/.test(name)) continue;
    const text = await Deno.readTextFile(`${path}/${name}`);
    for (const [, other] of text.matchAll(/^(?:import|export|\}).* from "@std\/([a-z-]+)/gm)) {
      names.add(other);
    }
  }
  return [...names];
}

/** Copies what git knows or would add, and Hugo's text, but no stand-ins. */
async function copyWorkspace(folder: string): Promise<void> {
  const listed = await git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard");
  for (const path of listed.split("\0").filter((path) => path && !path.startsWith(STAND_INS))) {
    await copy(`${ROOT}${path}`, `${folder}/${path}`);
  }
  await copy(HUGO_PATH, `${folder}/data/hugo_contemplations.txt`);
  await git(folder, "init", "--quiet");
  await git(folder, "add", "--all"); // for the difference of the results
}

async function copy(from: string | URL, to: string): Promise<void> {
  try {
    await Deno.stat(from);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return; // removed, or never downloaded
    throw error;
  }
  await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
  await Deno.copyFile(from, to);
}

async function link(folder: string, paths: string[]): Promise<void> {
  const config = JSON.parse(await Deno.readTextFile(`${folder}/deno.json`));
  await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ ...config, links: paths }));
}

/** Types, tests and the lab; prints the closing line. */
async function runAll(folder: string): Promise<number> {
  const types = await run(folder, "check", "--lock=scripts/deno.lock", "model", "scripts", "tests");
  const tests = await run(folder, "task", "test");
  const [, failed = "?"] = tests.text.match(/^(?:ok|FAILED) \|.*\| (\d+) failed/m) ?? [];
  const [, passed = "?"] = tests.text.match(/^(?:ok|FAILED) \| (\d+) passed/m) ?? [];
  const isHugoHere = await Deno.stat(HUGO_PATH).then(() => true, () => false);
  const results = isHugoHere ? await runLab(folder) : "not made: Hugo's text is not here";
  console.log(
    `on the originals: types ${types.ok ? "right" : "WRONG"}; ${passed} tests passed, ` +
      `${failed} failed; the lab's results ${results}`,
  );
  return types.ok && tests.ok && (!isHugoHere || results === SAME) ? 0 : 1;
}

const SAME = "the same";

/** The whole lab, and whether its files are those that were copied. */
async function runLab(folder: string): Promise<string> {
  const { ok } = await run(folder, "task", "lab", "--quiet");
  if (!ok) return "NOT MADE: the lab failed";
  const changed = await git(folder, "diff", "--name-only", "--", "results");
  const added = await git(folder, "ls-files", "--others", "--exclude-standard", "--", "results");
  const others = `${changed}${added}`.trim().split("\n").filter(Boolean);
  return others.length === 0 ? SAME : `OTHERS in ${others.join(", ")}`;
}

/** Runs deno there; what it prints on standard output is shown and kept, without colours. */
async function run(folder: string, ...args: string[]): Promise<{ ok: boolean; text: string }> {
  console.log(`\n# deno ${args.join(" ")}\n`);
  const child = new Deno.Command("deno", { args, cwd: folder, stdout: "piped" }).spawn();
  let text = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    await Deno.stdout.write(new TextEncoder().encode(part));
  }
  const { success: ok } = await child.status;
  return { ok, text: stripVTControlCharacters(text) };
}

async function git(folder: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("git", { args, cwd: folder }).output();
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout);
  throw new UserError(`git ${args[0]} failed: ${decoder.decode(stderr).trim().split("\n")[0]}`);
}

if (import.meta.main) await main(testOriginals);

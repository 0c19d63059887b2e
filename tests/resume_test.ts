/** A run that is killed at any moment and resumed ends in the same bytes. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { test } from "./lib/needs.ts";

const root = new URL("..", import.meta.url);
const KILLS = 30;
const flags = [
  ...["task", "--quiet", "blocks_norm", "--corpus=data/practice_corpus.txt", "--quiet"],
  ...["--iters=400", "--eval-interval=20", "--eval-iters=3", "--sample-length=30"],
];
const files = ["losses.csv", "samples.csv", "best.safetensors", "final.safetensors"];

function start(folder: string, ...more: string[]): Deno.ChildProcess {
  const args = [...flags, `--results=${folder}`, ...more];
  return new Deno.Command("deno", { args, cwd: root, stdout: "piped", stderr: "piped" }).spawn();
}

async function run(folder: string, ...more: string[]) {
  const { code, stderr } = await start(folder, ...more).output();
  return { code, err: new TextDecoder().decode(stderr) };
}

async function outcome(folder: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const file of files) {
    const bytes = await Deno.readFile(`${folder}/blocks_norm/${file}`);
    hashes[file] = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  }
  return hashes;
}

async function inFolders(fn: (whole: string, cut: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await fn(`${folder}/whole`, `${folder}/cut`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

test(
  `killed ${KILLS} times, a resumed run ends in the same bytes`,
  ["read", "write", "run"],
  () =>
    inFolders(async (whole, cut) => {
      const begun = performance.now();
      assertEquals((await run(whole)).code, 0);
      const duration = performance.now() - begun;
      const expected = await outcome(whole);
      for (let i = 0; i < KILLS; i++) {
        const child = start(cut, "--resume");
        const timer = setTimeout(
          () => child.kill("SIGKILL"),
          duration * (0.2 + 0.8 * Math.random()),
        );
        await child.output();
        clearTimeout(timer);
      }
      assertEquals((await run(cut, "--resume")).code, 0);
      assertEquals(await outcome(cut), expected);
    }),
);

test(
  "SIGTERM ends a run with 143 and a checkpoint that extends it",
  ["read", "write", "run"],
  () =>
    inFolders(async (whole, cut) => {
      assertEquals((await run(whole)).code, 0);
      const { code, err } = await interrupted(cut);
      assertEquals(code, 143);
      assertMatch(err, /^stopped after \d+ iterations: the same command with --resume goes on\n$/);
      assertEquals((await run(cut, "--resume")).code, 0);
      assertEquals(await outcome(cut), await outcome(whole));
    }),
);

/** Sends SIGTERM to the task itself, which `deno task` passes on. */
async function interrupted(folder: string) {
  const child = start(folder, "--iters=1000000");
  const reader = child.stdout.getReader();
  await reader.read(); // it has begun
  await new Promise((resolve) => setTimeout(resolve, 300));
  child.kill("SIGTERM");
  reader.releaseLock();
  await child.stdout.cancel();
  const err = await new Response(child.stderr).text();
  return { code: (await child.status).code, err };
}

test(
  "a checkpoint of other settings, or a damaged one, is refused",
  ["read", "write", "run"],
  () =>
    inFolders(async (_, cut) => {
      const short = ["--iters=3", "--eval-iters=1"];
      assertEquals((await run(cut, ...short)).code, 0);
      const path = `${cut}/blocks_norm/checkpoint.safetensors`;
      const before = await Deno.readFile(path);
      const other = await run(cut, ...short, "--n-head=2", "--resume");
      assertEquals(other.code, 2);
      assertStringIncludes(other.err, "nHead was 4, is 2");
      assertEquals(await Deno.readFile(path), before);
      const altered = before.slice();
      altered[altered.length - 5] ^= 1;
      for (const bytes of [altered, before.slice(0, before.length - 7), new Uint8Array(3)]) {
        await Deno.writeFile(path, bytes);
        const { code, err } = await run(cut, ...short, "--resume");
        assertEquals(code, 2);
        assert(err.startsWith("error: cannot resume from "), err);
        assertEquals(await Deno.readFile(path), bytes);
      }
    }),
);

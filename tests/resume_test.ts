/** Runs that are killed, stopped or extended, and resumed, end in the same bytes. @module */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { Generator, type StageName } from "@hugo-lab/model";
import { test } from "./lib/needs.ts";
import { withoutDownloads } from "./lib/tasks.ts";

const root = new URL("..", import.meta.url);
const needs = ["read", "write", "run"] as const;
const signals = [...needs, "signals"] as const;
const permissions = ["--no-prompt", "--allow-read", "--allow-write"];
const outcomes = ["losses.csv", "samples.csv", "final.safetensors"];

/** A training task in a process of its own, so that a signal reaches it and no wrapper. */
class Run {
  readonly child: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  readonly #err: Promise<string>;
  readonly begun: Promise<void>;
  out = "";

  constructor(stage: StageName, folder: string, flags: string[]) {
    const script = `scripts/${stage}.ts`;
    // One thread: two that wait for each other beside other tests' would take long.
    const own = ["--corpus=data/practice_corpus.txt", "--threads=1", `--results=${folder}`];
    // A later flag replaces an earlier one of its name.
    const byName = new Map([...own, ...flags].map((flag) => [flag.split("=")[0], flag]));
    const args = ["run", ...permissions, script, ...byName.values()];
    const command = new Deno.Command("deno", {
      args,
      cwd: root,
      env: { NO_COLOR: "1" },
      stdout: "piped",
      stderr: "piped",
    });
    this.child = command.spawn();
    this.#err = new Response(this.child.stderr).text();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.begun = promise; // its first output, or its end
    this.#reading = this.#read(resolve).finally(resolve);
  }

  async #read(onText: () => void): Promise<void> {
    for await (const text of this.child.stdout.pipeThrough(new TextDecoderStream())) {
      this.out += text;
      onText();
    }
  }

  async end(): Promise<{ code: number; out: string; err: string }> {
    await this.#reading;
    const { code } = await this.child.status;
    const all = withoutDownloads(await this.#err);
    const err = all.replace(/^backend .*\n/m, ""); // what computes is told first
    return { code, out: this.out, err };
  }
}

function run(stage: StageName, folder: string, flags: string[]) {
  return new Run(stage, folder, flags).end();
}

async function succeed(stage: StageName, folder: string, flags: string[]): Promise<string> {
  const { code, err } = await run(stage, folder, flags);
  assertEquals(code, 0, err);
  return err;
}

async function hashes(folder: string, names: string[]): Promise<Record<string, string>> {
  const result: Record<string, string> = {};
  for (const name of names) {
    const bytes = await Deno.readFile(`${folder}/${name}`);
    result[name] = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  }
  return result;
}

/** Checks that two runs' files are the same, byte for byte. */
async function assertSame(
  stage: StageName,
  cut: string,
  whole: string,
  names = outcomes,
  message?: string,
): Promise<void> {
  const [a, b] = [cut, whole].map((folder) => hashes(`${folder}/${stage}`, names));
  assertEquals(await a, await b, message);
}

async function inFolders(fn: (whole: string, cut: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await fn(`${folder}/whole`, `${folder}/cut`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const KILLS = 30;
/** Other moments each time; a failure tells the seed. */
const SEED = crypto.getRandomValues(new Uint32Array(1))[0];
/** A process lives for at most this share of a whole run's training, before it is killed. */
const LIFETIME = 0.1;
/** Most of this run's time goes into writing. */
const writing = ["--iters=120", "--eval-interval=2", "--eval-iters=1", "--batch-size=2"];

test(
  `killed at ${KILLS} random moments, a run ends in the same bytes`,
  [...signals],
  () =>
    inFolders(async (whole, cut) => {
      const flags = [...writing, "--n-embd=64", "--sample-length=30", "--quiet"];
      const uncut = new Run("blocks_norm", whole, flags);
      await uncut.begun;
      const started = performance.now();
      assertEquals((await uncut.end()).code, 0);
      const lifetime = LIFETIME * (performance.now() - started);
      const moments = new Generator(SEED).uniform(KILLS, 0, lifetime);
      let killed = 0;
      for (const moment of moments) {
        const attempt = new Run("blocks_norm", cut, [...flags, "--resume"]);
        await attempt.begun;
        await pause(moment);
        try {
          attempt.child.kill("SIGKILL");
        } catch {
          // it has ended by itself
        }
        if ((await attempt.end()).code === 137) killed++;
      }
      const told = `with the seed ${SEED} of the moments, killed ${killed} times`;
      assert(killed > KILLS / 2, told);
      const { code, err } = await run("blocks_norm", cut, [...flags, "--resume"]);
      assertEquals(code, 0, `${told}: ${err}`);
      await assertSame("blocks_norm", cut, whole, [...outcomes, "best.safetensors"], told);
    }),
);

test(
  "what a kill in the middle of writing leaves does no harm",
  [...signals],
  () =>
    inFolders(async (whole, cut) => {
      const flags = [...writing, "--sample-length=30", "--quiet"];
      await succeed("single_head", whole, flags);
      const attempt = new Run("single_head", cut, flags);
      while (!attempt.out.includes("step 8:")) await pause(5);
      attempt.child.kill("SIGKILL");
      await attempt.end();
      const folder = `${cut}/single_head`;
      await Deno.writeTextFile(`${folder}/losses.csv`, "12,3.1", { append: true });
      const bytes = await Deno.readFile(`${folder}/checkpoint.safetensors`);
      for (const name of ["checkpoint.safetensors", "best.safetensors", "losses.csv"]) {
        await Deno.writeFile(`${folder}/${name}.4711.partial`, bytes.subarray(0, 1000));
      }
      await succeed("single_head", cut, [...flags, "--resume"]);
      await assertSame("single_head", cut, whole, [...outcomes, "best.safetensors"]);
      assertEquals([...Deno.readDirSync(folder)].filter(({ name }) => /partial/.test(name)), []);
    }),
);

const stops: [when: string, flags: string[], until: RegExp, signal: Deno.Signal, code: number][] = [
  ["training", ["--iters=3000", "--eval-iters=1"], /step 0:.*\n/, "SIGTERM", 143],
  ["an evaluation", ["--iters=2", "--eval-iters=2500"], /parameters\n/, "SIGINT", 130],
  [
    "sampling",
    ["--iters=5", "--eval-iters=1", "--sample-length=4000"],
    /step 4:.*\n/,
    "SIGINT",
    130,
  ],
];
for (const [when, flags, until, signal, code] of stops) {
  test(
    `${signal} during ${when} ends with ${code} and loses nothing`,
    [...signals],
    () =>
      inFolders(async (whole, cut) => {
        const stopped = new Run("single_head", cut, flags);
        while (!until.test(stopped.out)) await pause(5);
        await pause(20);
        stopped.child.kill(signal);
        const end = await stopped.end();
        assertEquals(end.code, code);
        assertMatch(
          end.err,
          /^stopped (at iteration \d+|while sampling): the same command with --resume goes on\n$/m,
        );
        assertMatch(await succeed("single_head", cut, [...flags, "--resume"]), /^going on from/m);
        await succeed("single_head", whole, flags);
        await assertSame("single_head", cut, whole);
      }),
  );
}

test(
  "bigram goes on in the midst of its three runs",
  [...signals],
  () =>
    inFolders(async (whole, cut) => {
      const flags = ["--sample-length=20"];
      await succeed("bigram", whole, flags);
      const attempt = new Run("bigram", cut, flags);
      while (!/\n10000 iterations\nstep 0:.*\nstep/.test(attempt.out)) await pause(5);
      attempt.child.kill("SIGKILL");
      await attempt.end();
      assertMatch(
        await succeed("bigram", cut, [...flags, "--resume"]),
        /^going on from iteration/m,
      );
      await assertSame("bigram", cut, whole);
    }),
);

for (const stage of ["single_head", "bigram"] as const) {
  test(
    `${stage} extended is the run that more iterations would have made`,
    [...needs],
    () =>
      inFolders(async (whole, cut) => {
        const flags = ["--eval-interval=20", "--eval-iters=2", "--sample-length=10"];
        await succeed(stage, whole, [...flags, "--iters=90"]);
        await succeed(stage, cut, [...flags, "--iters=50"]);
        await succeed(stage, cut, [...flags, "--iters=90", "--resume"]);
        await assertSame(stage, cut, whole);
      }),
  );
}

/** The laptop's preset, schedule and clipping and all, but small; a batch in two parts. */
const smallLaptop = [
  ...["--preset=laptop", "--iters=60", "--eval-interval=4", "--warmup=5", "--batch-size=4"],
  ...["--accumulate=2", "--block-size=16", "--n-embd=16", "--n-head=2", "--n-layer=1"],
  ...["--test-part", "--sample-length=30", "--quiet"],
];

test(
  "a preset with schedule and accumulation, killed and resumed, ends in the same bytes",
  [...signals],
  () =>
    inFolders(async (whole, cut) => {
      await succeed("scaled", whole, smallLaptop);
      for (const until of ["step 8:", "step 32:"]) {
        const attempt = new Run("scaled", cut, [...smallLaptop, "--resume"]);
        while (!attempt.out.includes(until)) await pause(5);
        attempt.child.kill("SIGKILL");
        await attempt.end();
      }
      await succeed("scaled", cut, [...smallLaptop, "--resume"]);
      await assertSame("scaled", cut, whole, [...outcomes, "best.safetensors", "test.csv"]);
      const { code, err } = await run("scaled", cut, [...smallLaptop, "--iters=90", "--resume"]);
      assertEquals(code, 2);
      assertStringIncludes(err, "--iters was 60, is 90"); // the rate would have been another
    }),
);

test(
  "evaluations by the clock change nothing, and a run with them is resumed to the same weights",
  [...signals],
  () =>
    inFolders(async (whole, cut) => {
      await succeed("scaled", whole, smallLaptop);
      const flags = [...smallLaptop, "--iters=60", "--eval-seconds=0.05"];
      const attempt = new Run("scaled", cut, flags);
      while (!/step [1-9]/.test(attempt.out)) await pause(5);
      attempt.child.kill("SIGKILL");
      await attempt.end();
      await succeed("scaled", cut, [...flags, "--resume"]);
      await assertSame("scaled", cut, whole, ["final.safetensors", "samples.csv"]);
    }),
);

test(
  "a run out of patience ends well, with the best weights, and again when it is resumed",
  [...needs],
  () =>
    inFolders(async (whole, cut) => {
      // So large a rate makes the loss worse, after a while.
      const flags = ["--iters=4000", "--eval-interval=5", "--eval-iters=2", "--sample-length=9"];
      const patient = [...flags, "--learning-rate=0.3", "--patience=2"];
      const err = await succeed("multi_head", whole, patient);
      assertMatch(err, /^ended at iteration \d+: .* not lower in the last 2 evaluations/m);
      const rows = (await Deno.readTextFile(`${whole}/multi_head/losses.csv`)).trim().split(
        /\r?\n/,
      );
      const losses = rows.slice(1).map((row) => Number(row.split(",")[2]));
      assertEquals(losses.indexOf(Math.min(...losses)), losses.length - 3);
      const names = [...outcomes, "best.safetensors"];
      const before = await hashes(`${whole}/multi_head`, names);
      assertMatch(await succeed("multi_head", whole, [...patient, "--resume"]), /^ended at/m);
      assertEquals(await hashes(`${whole}/multi_head`, names), before);
      // Without patience it goes on where it ended.
      const more = [...flags, "--iters=90", "--learning-rate=0.3"];
      await succeed("multi_head", cut, more);
      await succeed("multi_head", whole, [...more, "--resume"]);
      await assertSame("multi_head", whole, cut);
    }),
);

test(
  "without a checkpoint --resume starts afresh and says so",
  [...needs],
  () =>
    inFolders(async (whole, cut) => {
      const flags = ["--iters=3", "--eval-iters=1", "--sample-length=5"];
      const err = await succeed("multi_head", cut, [...flags, "--resume"]);
      assertStringIncludes(err, `no checkpoint in ${cut}/multi_head: starting afresh\n`);
      await succeed("multi_head", whole, flags);
      await assertSame("multi_head", cut, whole);
    }),
);

test(
  "a new run puts the checkpoint it replaces aside",
  [...needs],
  () =>
    inFolders(async (_, cut) => {
      const flags = ["--iters=3", "--eval-iters=1", "--sample-length=5"];
      await succeed("multi_head", cut, flags);
      const before = await Deno.readFile(`${cut}/multi_head/checkpoint.safetensors`);
      await succeed("multi_head", cut, [...flags, "--seed=1"]);
      assertEquals(await Deno.readFile(`${cut}/multi_head/previous.safetensors`), before);
    }),
);

test(
  "a file that cannot be written is told in one line, without leavings",
  [...needs],
  () =>
    inFolders(async (_, cut) => {
      await Deno.mkdir(`${cut}/multi_head/best.safetensors`, { recursive: true });
      const flags = ["--iters=3", "--eval-iters=1", "--sample-length=5"];
      const { code, err } = await run("multi_head", cut, flags);
      assertEquals(code, 2);
      assertMatch(err, /^error: cannot write .*best\.safetensors \(.*\): make room there.*\n$/);
      const names = [...Deno.readDirSync(`${cut}/multi_head`)].map(({ name }) => name);
      assertEquals(names.sort(), [
        "best.safetensors",
        "identity.json",
        "losses.csv",
        "timings.csv",
      ]);
    }),
);

test(
  "a training that diverges is no success, and the last good checkpoint stays",
  ["read", "write", "run"],
  () =>
    inFolders(async (folder) => {
      const flags = ["--eval-iters=1", "--sample-length=5"];
      await succeed("multi_head", folder, [...flags, "--iters=3"]);
      const files = async () =>
        await Promise.all(
          ["best", "checkpoint"].map((name) =>
            Deno.readFile(`${folder}/multi_head/${name}.safetensors`)
          ),
        );
      const [, good] = await files();
      const diverged = async (iters: number, iteration: number, rate: string) => {
        const given = [...flags, `--iters=${iters}`, "--eval-interval=100"];
        const { code, err } = await run("multi_head", folder, [
          ...given,
          `--learning-rate=${rate}`,
        ]);
        assertEquals(code, 2, err);
        const line = `error: the loss became (NaN|-?Infinity|\\d\\S+e\\+\\d+) at iteration ` +
          `${iteration}: try a smaller --learning-rate than ${rate.replace("+", "\\+")}\n$`;
        assertMatch(err, new RegExp(line));
      };
      const wild = "1e+30";
      await diverged(1, 1, wild); // by its last update, whose loss no iteration tells
      const previous = await Deno.readFile(`${folder}/multi_head/previous.safetensors`);
      assertEquals(previous, good, "the checkpoint of the run before");
      await diverged(2, 1, wild); // in its last evaluation
      await diverged(50, 1, wild); // in an iteration
      await diverged(3, 1, "10000"); // to what is still a number
      // Final weights would be those of the run before, as if they were this one's.
      await assertRejects(
        () => Deno.stat(`${folder}/multi_head/final.safetensors`),
        Deno.errors.NotFound,
      );
      const { code, err } = await run("multi_head", folder, [
        ...flags,
        "--iters=50",
        "--learning-rate=10000",
        "--resume",
        "--eval-interval=100",
      ]);
      assertMatch(err, /going on from iteration 0/);
      assertEquals(code, 2);
    }),
);

test(
  "a checkpoint of another run, or a damaged one, is refused and left alone",
  [...needs],
  () =>
    inFolders(async (_, cut) => {
      const flags = ["--iters=3", "--eval-iters=1", "--sample-length=5"];
      await succeed("multi_head", cut, flags);
      const folder = `${cut}/multi_head`;
      const path = `${folder}/checkpoint.safetensors`;
      const good = await Deno.readFile(path);
      await Deno.writeTextFile(`${cut}/other.txt`, "abc ".repeat(100));
      const altered = good.with(good.length - 5, good[good.length - 5] ^ 1);
      const weights = await Deno.readFile(`${folder}/best.safetensors`);
      const cases: [bytes: Uint8Array, flags: string[], message: string][] = [
        [good, ["--n-head=2"], "--n-head was 4, is 2"],
        [good, ["--learning-rate=0.1"], "--learning-rate was 0.001, is 0.1"],
        [good, [`--corpus=${cut}/other.txt`, "--prompt=a"], "the corpus's sha256 was"],
        [good, ["--iters=2"], "it is at iteration 3 already, --iters is 2"],
        [altered, [], "its checksum differs"],
        [good.subarray(0, good.length - 7), [], "no valid safetensors file, or damaged"],
        [new Uint8Array(3), [], "too short"],
        [weights, [], "no checkpoint of this lab"],
      ];
      for (const [bytes, more, message] of cases) {
        await Deno.writeFile(path, bytes);
        const files = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
        const before = await hashes(folder, files);
        const { code, err } = await run("multi_head", cut, [...flags, ...more, "--resume"]);
        assertEquals(code, 2, message);
        assertStringIncludes(err, message);
        assertMatch(err, /^error: cannot resume from .*; start afresh without --resume.*\n$/);
        assertEquals(await hashes(folder, files), before);
      }
    }),
);

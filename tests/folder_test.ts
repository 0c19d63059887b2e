/** A run's folder: its files belong together, one run has it at a time, and damage is told. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parse } from "@std/csv";
import { CsvFile, decodeSafetensors, encodeSafetensors, writeAtomically } from "@hugo-lab/model";
import { test } from "./lib/needs.ts";
import { inFolder, type Outcome, task, withoutDownloads } from "./lib/tasks.ts";

const needs = ["read", "write", "run"] as const;
const signals = [...needs, "signals"] as const;
const root = new URL("..", import.meta.url);
const practice = "--corpus=data/practice_corpus.txt";
const short = ["--eval-interval=2", "--eval-iters=1", "--sample-length=5", "--quiet"];

async function train(folder: string, ...flags: string[]): Promise<Outcome> {
  return await task("single_head", practice, `--results=${folder}`, ...short, ...flags);
}

/** Starts a long run, and stops it by a signal once it has a checkpoint. */
function interrupt(folder: string, ...flags: string[]): Promise<Outcome> {
  const child = start(folder, ["--iters=100000", ...short, ...flags]);
  return stop(child, (out) => out.includes("step 4:"));
}

/** Stops a task by a signal once its output is as awaited. */
async function stop(child: Deno.ChildProcess, awaited: (out: string) => boolean): Promise<Outcome> {
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  for (let out = ""; !awaited(out);) {
    const { value, done } = await reader.read();
    if (done) break;
    out += value;
  }
  child.kill("SIGTERM");
  await reader.cancel();
  const err = withoutDownloads(await new Response(child.stderr).text());
  return { code: (await child.status).code, out: "", err };
}

function start(folder: string, flags: string[]): Deno.ChildProcess {
  return spawn("single_head", practice, `--results=${folder}`, ...flags);
}

function spawn(script: string, ...flags: string[]): Deno.ChildProcess {
  const rights = ["--no-prompt", "--allow-read", "--allow-write"];
  const args = ["run", ...rights, `scripts/${script}.ts`, ...flags];
  const env = { NO_COLOR: "1" };
  const options = { args, cwd: root, env, stdout: "piped", stderr: "piped" } as const;
  return new Deno.Command("deno", options).spawn();
}

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
const generate = (folder: string, ...flags: string[]) =>
  task("generate", "single_head", `--results=${folder}`, "--length=5", ...flags);

test(
  "what a killed writer left of a file is taken away, not what another one writes",
  ["read", "write"],
  () =>
    inFolder(async (folder) => {
      for (
        const name of ["a.csv.1.partial", "a.csv.2.partial", "b.csv.1.partial", "a.csv.partial"]
      ) {
        await Deno.writeTextFile(`${folder}/${name}`, "half");
      }
      using busy = await Deno.open(`${folder}/a.csv.2.partial`, { read: true });
      await busy.lock(true);
      await writeAtomically(`${folder}/a.csv`, new TextEncoder().encode("whole"));
      assertEquals(await Deno.readTextFile(`${folder}/a.csv`), "whole");
      const others = ["a.csv.2.partial", "a.csv.partial", "b.csv.1.partial"];
      assertEquals(names(folder), ["a.csv", ...others]);
    }),
);

test(
  "an interrupted run has nothing of the run before it",
  [...signals],
  () =>
    inFolder(async (folder) => {
      assertEquals((await train(folder, "--iters=4")).code, 0);
      const stopped = await interrupt(folder, "--seed=7");
      assertEquals(stopped.code, 143, stopped.err);
      assertStringIncludes(stopped.err, "stopping after this step…");
      assertEquals(names(`${folder}/single_head`), [
        ...["best.safetensors", "checkpoint.safetensors", "identity.json", "losses.csv"],
        ...["previous.safetensors", "timings.csv"],
      ]);
      const { code, err } = await generate(folder);
      assertEquals(code, 0, err);
      assertStringIncludes(err, "the run has not ended: taking its checkpoint");
      await task("export", "single_head", `--results=${folder}`, `--to=${folder}/py`);
      const seed = async (name: string) => {
        const { metadata } = decodeSafetensors(
          await Deno.readFile(`${folder}/${name}.safetensors`),
        );
        return JSON.parse(metadata.run).settings.seed;
      };
      assertEquals(await seed("py/checkpoint"), 7);
    }),
);

test("an interrupted extension has no final weights, sample and test loss of the shorter run", [
  ...signals,
], () =>
  inFolder(async (folder) => {
    assertEquals((await train(folder, "--iters=3", "--test-part")).code, 0);
    const ofEnd = ["final.safetensors", "samples.csv", "test.csv"];
    const left = () => names(`${folder}/single_head`).filter((name) => ofEnd.includes(name));
    assertEquals(left(), ofEnd);
    assertEquals((await interrupt(folder, "--resume", "--test-part")).code, 143);
    assertEquals(left(), []);
    assertStringIncludes((await generate(folder)).err, "taking its checkpoint");
  }));

test("one more than the batch that is told to fit is refused too, and no folder is left", [
  ...needs,
], () =>
  inFolder(async (folder) => {
    const run = async (batchSize: number) => {
      const small = ["--preset=quick", "--n-layer=1", "--n-embd=32", "--iters=1", "--eval-iters=1"];
      const flags = [...small, "--backend=lab", "--sample-length=0", `--batch-size=${batchSize}`];
      return await task("scaled", practice, `--results=${folder}`, "--quiet", ...flags);
    };
    const huge = await run(1e8);
    assertEquals(huge.code, 2);
    const [, fits] = huge.err.match(/of which at most (\d+) fits/)!;
    const more = await run(Number(fits) + 1);
    assertStringIncludes(more.err, `of which at most ${fits} fits`);
    assertEquals(names(folder), []);
  }));

test("weights of another run are named and not used", [...needs], () =>
  inFolder(async (folder) => {
    const [own, other] = [`${folder}/own`, `${folder}/other`];
    for (const [results, seed] of [[own, 1], [other, 2]]) {
      assertEquals((await train(`${results}`, "--iters=3", `--seed=${seed}`)).code, 0);
    }
    for (const name of ["final", "best"]) {
      const file = `single_head/${name}.safetensors`;
      await Deno.copyFile(`${other}/${file}`, `${own}/${file}`);
    }
    const told = /final\.safetensors is not used: it is of another run/;
    const last = await generate(own);
    assertMatch(last.err, told);
    assertStringIncludes(last.err, "taking its checkpoint");
    const best = await generate(own, "--best");
    assertEquals(best.code, 2);
    assertStringIncludes(best.err, "best.safetensors is not used");
    const exported = await task(
      ...["export", "single_head", "--best"],
      ...[`--results=${own}`, `--to=${folder}/py`],
    );
    assertEquals(exported.code, 2);
    assertStringIncludes(exported.err, "is of another run");
    // A run that goes on does not keep them either.
    assertEquals((await train(own, "--iters=5", "--seed=1", "--resume")).code, 0);
    assertEquals((await generate(own, "--best")).err.includes("not used"), false);
  }));

test(
  "a checkpoint that is put back goes on without another run's best weights",
  [...needs],
  () =>
    inFolder(async (folder) => {
      const path = (name: string) => `${folder}/single_head/${name}.safetensors`;
      const metadata = async (name: string) =>
        decodeSafetensors(await Deno.readFile(path(name))).metadata;
      assertEquals((await train(folder, "--iters=3", "--seed=1")).code, 0);
      const { id } = await metadata("checkpoint");
      assertEquals((await train(folder, "--iters=3", "--seed=2")).code, 0);
      assert((await metadata("best")).id !== id);
      await Deno.rename(path("previous"), path("checkpoint"));
      assertEquals((await train(folder, "--iters=7", "--seed=1", "--resume")).code, 0);
      for (const name of ["best", "final", "checkpoint"]) {
        assertEquals((await metadata(name)).id, id, name);
      }
    }),
);

test("altered or exchanged weights are refused", [...needs], () =>
  inFolder(async (folder) => {
    assertEquals((await train(folder, "--iters=3")).code, 0);
    const path = `${folder}/single_head/final.safetensors`;
    const good = await Deno.readFile(path);
    const { tensors, metadata } = decodeSafetensors(good);
    const zeroed = good.slice();
    zeroed.fill(0, good.length - 600, good.length - 100);
    const [key, query] = ["sa_head.key.weight", "sa_head.query.weight"];
    const swapped = new Map(tensors).set(key, tensors.get(query)!).set(query, tensors.get(key)!);
    const vocabulary = JSON.parse(metadata.vocabulary);
    const twice = JSON.stringify([vocabulary[1], ...vocabulary.slice(1)]);
    const broken = new Map(tensors).set(key, {
      ...tensors.get(key)!,
      data: tensors.get(key)!.data.map((v, i) => i === 3 ? NaN : v) as Float32Array,
    });
    const { checksum: _, ...unchecked } = metadata;
    const cases: [what: string, bytes: Uint8Array, message: string][] = [
      ["a bit", good.with(good.length - 5, good[good.length - 5] ^ 1), "checksum differs"],
      ["a block", zeroed, "checksum differs"],
      ["two tensors", encodeSafetensors(swapped, metadata), "checksum differs"],
      ["NaN", encodeSafetensors(broken, metadata), "no finite number"],
      ["a character", encodeSafetensors(tensors, { ...metadata, vocabulary: twice }), "vocabulary"],
      ["the stage", encodeSafetensors(tensors, { ...metadata, stage: "blocks" }), "not of single"],
      ["no checksum", encodeSafetensors(tensors, unchecked), "has no checksum"],
    ];
    for (const [what, bytes, message] of cases) {
      await Deno.writeFile(path, bytes);
      const { code, out, err } = await generate(folder);
      assertEquals([code, out], [2, ""], what);
      assertMatch(err, /^error: cannot use .*\n$/, what);
      assertStringIncludes(err, message, what);
    }
  }));

test(
  "two runs in one folder are refused, and a killed one leaves it free",
  [...signals],
  () =>
    inFolder(async (folder) => {
      const first = start(folder, ["--iters=100000", ...short]);
      const out = first.stdout.getReader();
      await out.read(); // it has begun
      const { code, err } = await train(folder, "--iters=3");
      first.kill("SIGKILL");
      await out.cancel();
      await first.stderr.cancel();
      await first.status;
      assertEquals(code, 2);
      assertMatch(
        err,
        /^error: the folder .* is another run's \(process \d+, since \d{4}-.*\): wait for its end.*\n$/,
      );
      assertStringIncludes(err, `process ${first.pid}, `);
      assertEquals((await train(folder, "--iters=3")).code, 0);
      assert(!names(`${folder}/single_head`).includes(".lock"));
    }),
);

test("a run whose folder has become another's ends, and leaves that one's files alone", [
  ...signals,
], () =>
  inFolder(async (folder) => {
    const first = start(`${folder}/a`, [
      "--iters=10000000",
      ...short.with(0, "--eval-interval=500"),
    ]);
    const out = first.stdout.getReader();
    await out.read(); // it has begun
    await Deno.rename(`${folder}/a`, `${folder}/b`);
    const second = await train(`${folder}/a`, "--iters=3");
    await out.cancel();
    const err = withoutDownloads(await new Response(first.stderr).text());
    assertMatch(err, /^error: the folder .*single_head is (another run's|not there any more)/m);
    assertEquals(err.match(/^error: /gm)?.length, 1);
    assertEquals((await first.status).code, 2);
    if (second.code !== 0) return; // the first had the folder again before the second came
    const losses = await Deno.readTextFile(`${folder}/a/single_head/losses.csv`);
    assertEquals(parse(losses, { skipFirstRow: true }).map(({ step }) => step), ["0", "2"]);
  }));

test("a run whose lock was deleted takes it again", [...signals], () =>
  inFolder(async (folder) => {
    const first = start(folder, ["--iters=10000000", ...short.with(0, "--eval-interval=100")]);
    const path = `${folder}/single_head/.lock`;
    const out = first.stdout.getReader();
    await out.read(); // it has begun
    await Deno.remove(path);
    for (let tries = 0; tries < 600 && !isThere(path); tries++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const { code, err } = await train(folder, "--iters=3");
    first.kill("SIGKILL");
    await out.cancel();
    await first.stderr.cancel();
    await first.status;
    assertEquals(code, 2, err);
    assertStringIncludes(err, `process ${first.pid}, `);
  }));

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

test("what nobody reads does not end a task", [...signals], () =>
  inFolder(async (folder) => {
    const cases = [
      "| head -c 1 > /dev/null",
      "> /dev/full",
      "2> /dev/full",
      ">&- 2>&-",
      "2>&1 | true",
    ];
    for (const [i, streams] of cases.entries()) {
      const results = `${folder}/${i}`;
      const run = async (script: string, ...args: string[]) => {
        const permissions = "--no-prompt --allow-read --allow-write";
        const line = ["deno run", permissions, `scripts/${script}.ts`, ...args].join(" ");
        const command = new Deno.Command("deno", {
          args: ["eval", SHELL, `set -o pipefail; ${line} --results=${results} ${streams}`],
          cwd: root,
        });
        const { code, stderr } = await command.output();
        assertEquals(code, 0, `${line} ${streams}: ${new TextDecoder().decode(stderr)}`);
      };
      await run("bigram", practice, "--iters=20", "--eval-iters=1", "--sample-length=300");
      const files = names(`${results}/bigram`);
      assert(files.includes("final.safetensors") && files.includes("samples.csv"), streams);
      await run("generate", "bigram", "--length=300", "--count=3");
      assert(names(`${results}/bigram`).includes("generations.csv"), streams);
    }
  }));

/** Runs a shell's line: the tests may run deno alone. */
const SHELL = `const { code } = await new Deno.Command("bash", {
  args: ["-c", Deno.args[0]], stdout: "inherit", stderr: "inherit",
}).output(); Deno.exit(code);`;

test(
  "a text that was stopped is kept as far as it came: that of a smaller --length",
  [...signals],
  () =>
    inFolder(async (folder) => {
      assertEquals((await train(folder, "--iters=3")).code, 0);
      const flags = ["single_head", `--results=${folder}`];
      const long = spawn("generate", ...flags, "--length=1000000");
      const { code, err } = await stop(long, (out) => out.length > 20);
      assertEquals(code, 143, err);
      const path = `${folder}/single_head/generations.csv`;
      const rows = async () => parse(await Deno.readTextFile(path), { skipFirstRow: true });
      const [row] = await rows();
      assertStringIncludes(err, `stopped in text 1: ${row.length} characters in ${path}`);
      assert(Number(row.length) >= 20 && Number(row.length) < 1e6, row.length);
      assertEquals((await task("generate", ...flags, `--length=${row.length}`)).code, 0);
      assertEquals((await rows())[1], row);
    }),
);

test(
  "half a row of generations.csv is taken away before the next, and said",
  [...needs],
  () =>
    inFolder(async (folder) => {
      assertEquals((await train(folder, "--iters=3")).code, 0);
      assertEquals((await generate(folder)).code, 0);
      const path = `${folder}/single_head/generations.csv`;
      const whole = await Deno.readTextFile(path);
      await Deno.writeTextFile(path, 'final,2023,2,1,,,,5,"\n","half a', { append: true });
      const { code, err } = await generate(folder);
      assertEquals(code, 0);
      assertStringIncludes(err, "ended in half a row, which is taken away");
      const [, row] = whole.split(/(?<=length,prompt,text\r?\n)/);
      assertEquals(await Deno.readTextFile(path), whole + row);
      await Deno.writeTextFile(path, "a,b\n1,2\n");
      const other = await generate(folder);
      assertEquals(other.code, 2);
      assertStringIncludes(other.err, "its first line is not");
      assertEquals(await Deno.readTextFile(path), "a,b\n1,2\n");
    }),
);

test(
  "a run whose deno task was killed ends as if it had been told to",
  [...signals],
  () =>
    inFolder(async (folder) => {
      const child = new Deno.Command("deno", {
        args: [
          "task",
          "--quiet",
          "single_head",
          practice,
          `--results=${folder}`,
          "--iters=1000000",
        ],
        cwd: root,
        env: { NO_COLOR: "1" },
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const out = child.stdout.getReader();
      await out.read();
      child.kill("SIGKILL");
      const err = await new Response(child.stderr).text(); // until the run itself has ended
      await out.cancel();
      await child.status;
      assertMatch(err, /stopped at iteration \d+: the same command with --resume goes on\n$/);
      assert(names(`${folder}/single_head`).includes("checkpoint.safetensors"));
    }),
);

test(
  "a file of rows that somebody took away is written again, whole",
  ["read", "write"],
  () =>
    inFolder(async (folder) => {
      const file = new CsvFile(`${folder}/losses.csv`, ["step", "loss"]);
      file.append([0, 4.5]);
      await Deno.remove(file.path);
      file.append([1, 4.25]);
      assertEquals(await Deno.readTextFile(file.path), "step,loss\r\n0,4.5\r\n1,4.25\r\n");
    }),
);

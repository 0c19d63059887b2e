/** scaled writes what its best weights write too, where the last ones are others. */
import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { parse } from "@std/csv";
import { test } from "./lib/needs.ts";
import { inFolder, task } from "./lib/tasks.ts";

const SIZES = [
  "--preset=notebook",
  "--n-embd=16",
  "--n-head=2",
  "--n-layer=1",
  "--block-size=8",
  "--batch-size=4",
];
const SHORT = ["--iters=4", "--eval-interval=3", "--eval-iters=2", "--sample-length=20", "--quiet"];
/** With such a rate the loss rises from the first update on, so the first weights are the best. */
const RISING = "--learning-rate=2";

test("a run that became worse has its best weights' sample, and resumed again", [
  "read",
  "write",
  "run",
], () =>
  inFolder(async (folder) => {
    const where = ["--corpus=data/practice_corpus.txt", `--results=${folder}`];
    const rows = async () =>
      parse(await Deno.readTextFile(`${folder}/scaled/samples.csv`), { skipFirstRow: true });
    const run = async (...flags: string[]) => {
      const { code, out, err } = await task("scaled", ...SIZES, ...SHORT, ...where, ...flags);
      assertEquals(code, 0, err);
      return out;
    };
    const out = await run(RISING);
    const [best, last, ...others] = await rows();
    assertEquals([best.step, last.step, others], ["0", "3", []]);
    assertMatch(out, /step 0 had the lowest val loss, 4\.\d{4}; its weights write:\n/);
    assertEquals(out.endsWith(`${best.text}\n`), true, out);
    assertNotEquals(best.text, last.text);
    const before = await Deno.readTextFile(`${folder}/scaled/samples.csv`);
    await run(RISING, "--resume");
    assertEquals(await Deno.readTextFile(`${folder}/scaled/samples.csv`), before);
    await run("--learning-rate=0.02");
    assertEquals((await rows()).map(({ step }) => step), ["3"]);
  }));

/** With each of these the shorter run's last evaluation, which a longer run does not make, is its best. */
const LUCKY = [31, 35, 39];

for (const seed of LUCKY) {
  test(`a lengthened run has the best weights of one that was not, seed ${seed}`, [
    "read",
    "write",
    "run",
  ], () =>
    inFolder(async (folder) => {
      const flags = [
        ...["--preset=quick", "--block-size=8", "--n-embd=16", "--n-head=2", "--n-layer=1"],
        ...["--batch-size=4", "--evaluate=batches", "--eval-iters=1", "--eval-interval=30"],
        ...["--schedule=constant", "--test-part", "--sample-length=10", `--seed=${seed}`],
        ...["--corpus=data/practice_corpus.txt", "--threads=1", "--quiet"],
      ];
      const run = async (name: string, ...more: string[]) => {
        const { code, err } = await task(
          "scaled",
          ...flags,
          `--results=${folder}/${name}`,
          ...more,
        );
        assertEquals(code, 0, err);
      };
      const bytes = (name: string, file: string) =>
        Deno.readFile(`${folder}/${name}/scaled/${file}`);
      await run("lengthened", "--iters=108");
      const shorter = await bytes("lengthened", "best.safetensors");
      await run("lengthened", "--iters=121", "--resume");
      await run("whole", "--iters=121");
      assertNotEquals(await bytes("lengthened", "best.safetensors"), shorter);
      for (const file of ["losses.csv", "samples.csv", "test.csv", "best.safetensors"]) {
        assertEquals(await bytes("lengthened", file), await bytes("whole", file), file);
      }
    }));
}

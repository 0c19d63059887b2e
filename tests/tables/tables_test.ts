/** The full runs of 5000 iterations: the notebook's tables and sample texts. */
import { assert, assertEquals } from "@std/assert";
import { defaultBackend } from "@hugo-lab/model";
import { parse } from "@std/csv";
import { goldens } from "../../scripts/lib/exercise/goldens.ts";
import { trainingTask } from "../../scripts/lib/run/stage.ts";
import { committedLosses } from "../lib/committed.ts";
import { test } from "../lib/needs.ts";

/** How far a row may lie from PyTorch's: rounding, amplified by training past a ReLU. */
const tolerances: Record<string, { exact: boolean; step500: number; last: number }> = {
  single_head: { exact: true, step500: 0, last: 0 },
  multi_head: { exact: true, step500: 0, last: 0 },
  feed_forward: { exact: false, step500: 0.002, last: 0.01 },
  blocks: { exact: false, step500: 0.002, last: 0.05 },
  blocks_norm: { exact: false, step500: 0.004, last: 0.015 },
};
/** The two columns are printed with four decimals: half a unit either way. */
const PRINTED = 1e-4;

for (const golden of goldens) {
  const { exact, step500, last } = tolerances[golden.name];
  const bound = exact ? "digit for digit" : `within ${step500} at step 500 and ${last} at the end`;
  test(
    `${golden.name}: 5000 iterations give the table ${bound}`,
    ["read", "write", "hugo"],
    async () => {
      const folder = await Deno.makeTempDir();
      await trainingTask(golden.name).run({
        results: folder,
        quiet: true,
        backend: defaultBackend,
      });
      const read = async (name: string): Promise<Record<string, string>[]> =>
        parse(await Deno.readTextFile(`${folder}/${golden.name}/${name}.csv`), {
          skipFirstRow: true,
        });
      const rows = await read("losses");
      assertEquals(rows.map((row) => row.step), golden.losses.map(([step]) => step));
      golden.losses.forEach(([step, ...expected], i) => {
        const actual = [rows[i].train_loss, rows[i].val_loss].map((loss) =>
          Number(loss).toFixed(4)
        );
        const allowed = step === "500" ? step500 : step === "4999" ? last : Infinity;
        if (exact || step === "0") return assertEquals(actual, expected, `step ${step}`);
        expected.forEach((loss, column) => {
          const difference = Math.abs(Number(actual[column]) - Number(loss));
          assert(difference <= allowed + PRINTED / 2, `step ${step}: ${actual}, not ${expected}`);
        });
      });
      const [{ text }] = await read("samples");
      assertEquals([...text].length, 501);
      if (exact) assertEquals(text, golden.sample);
      await Deno.remove(folder, { recursive: true });
    },
  );
}

Deno.test("the committed results are of the runs above", () => {
  for (const golden of goldens.filter(({ name }) => tolerances[name].exact)) {
    const text = committedLosses[golden.name as keyof typeof committedLosses];
    const rows: Record<string, string>[] = parse(text, { skipFirstRow: true });
    const printed = rows.map((
      { step, train_loss, val_loss },
    ) => [step, Number(train_loss).toFixed(4), Number(val_loss).toFixed(4)]);
    assertEquals(printed, golden.losses);
  }
});

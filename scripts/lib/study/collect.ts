/** Joining runs that were made elsewhere. @module */
import { prepareFolder, UserError } from "@hugo-lab/model";
import { countOf } from "../task/lines.ts";
import { readEarlier } from "./earlier.ts";
import { type Outcome, readOutcome } from "./outcome.ts";
import type { PlannedRun } from "./plan.ts";
import { tellMeans } from "./tell.ts";
import { writeTables } from "./tables.ts";

/**
 * Writes the study's tables from what lies in some folders, its own among them.
 *
 * @param folder the study's
 * @param others folders of its runs, as the commands of `--jobs` leave them
 * @throws {UserError} if one is not there, or none has a run of the study
 */
export async function collectRuns(
  runs: readonly PlannedRun[],
  folder: string,
  others: readonly string[],
): Promise<void> {
  for (const other of others) await checkFolder(other);
  const found = new Map<PlannedRun, Outcome>();
  for (const run of runs) {
    const outcome = await find(run, [folder, ...others]);
    if (outcome) found.set(run, outcome);
  }
  if (found.size === 0) {
    throw new UserError(
      `no finished run of the study is in ${others.join(", ")}: expected folders such as ` +
        runs[0].name,
    );
  }
  for (const other of others) {
    const has = await Promise.all(runs.map((run) => readOutcome(other, run)));
    if (has.every((outcome) => !outcome)) {
      console.error(`${other} has no finished run of the study`);
    }
  }
  const earlier = await readEarlier(folder, runs);
  const outcomes = runs.flatMap((run) => found.get(run) ?? earlier.get(run) ?? []);
  const absent = runs.filter((run) => !found.has(run) && !earlier.has(run));
  prepareFolder(folder);
  await writeTables(folder, outcomes);
  tellMeans(outcomes);
  if (absent.length > 0) {
    console.error(
      `${absent.length} of ${countOf(runs.length, "run")} are not there, as ${absent[0].name}`,
    );
  }
  const kept = outcomes.length - found.size;
  if (kept > 0) {
    console.error(`${countOf(kept, "row")} of runs.csv stay: their folders are not here`);
  }
  console.log(`${countOf(outcomes.length, "run")} in ${folder}/runs.csv, their means in means.csv`);
}

async function find(run: PlannedRun, folders: readonly string[]): Promise<Outcome | undefined> {
  for (const folder of folders) {
    const outcome = await readOutcome(folder, run);
    if (outcome) return outcome;
  }
}

async function checkFolder(folder: string): Promise<void> {
  const isFolder = await Deno.stat(folder).then((info) => info.isDirectory, (error) => {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  });
  if (!isFolder) {
    throw new UserError(`there is no folder ${folder}: --collect takes folders of a study's runs`);
  }
}

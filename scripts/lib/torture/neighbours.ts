/**
 * Two runs in one folder, one after the other or at the same time: nobody takes one's files for the
 * other's.
 *
 * @module
 */
import { parse } from "@std/csv";
import { typed } from "../task/command.ts";
import { Dice } from "./job.ts";
import { differences, excerpt, halfWritten, judge } from "./judge.ts";
import { Process, run } from "./process.ts";
import type { Fault } from "./tally.ts";
import { copyFolder, outcome, trainings, undisturbed, type Work } from "./works.ts";

const [, multiHead] = trainings;
const ofSeed = (seed: number): Work => ({
  ...multiHead,
  args: [...multiHead.args, `--seed=${seed}`],
});
const older = ofSeed(1);
const newer = ofSeed(2);
const generating = ["multi_head", "--results=results", "--length=40", "--seed=3", "--quiet"];
const exporting = ["multi_head", "--results=results", "--to=results/exported"];
/** A line that names the other run's files says enough. */
const TOLD = /older|other|another|previous|earlier|before|not of this run|does not belong/i;

interface Past {
  folder: string;
  losses: string;
  sample: string;
  text: string;
}

let past: Promise<Past> | undefined;

/** A finished run, and what is drawn from its weights. */
async function makePast(): Promise<Past> {
  const folder = await Deno.makeTempDir();
  await run(older.task, older.args, { cwd: folder });
  const results = `${folder}/${older.place}`;
  const [losses, samples] = await Promise.all(
    ["losses", "samples"].map((name) => Deno.readTextFile(`${results}/${name}.csv`)),
  );
  await run("generate", generating, { cwd: folder });
  const text = await lastText(folder);
  await Deno.remove(`${results}/generations.csv`);
  return { folder, losses, sample: parse(samples).at(-1)!.at(2)!, text };
}

async function lastText(folder: string): Promise<string> {
  return parse(await Deno.readTextFile(`${folder}/${older.place}/generations.csv`)).at(-1)!.at(-1)!;
}

/** Removes what was prepared. */
export async function forgetPast(): Promise<void> {
  if (past) await Deno.remove((await past).folder, { recursive: true });
  past = undefined;
}

/** A new run is killed in the folder of a finished one: who reads then takes no old file for new. */
export async function followed(dice: Dice, folder: string) {
  const { ms } = await undisturbed(newer);
  const before = await (past ??= makePast());
  await copyFolder(before.folder, folder);
  const process = new Process(newer.task, newer.args, { cwd: folder });
  const moment = dice.between(0.1, 1) * ms;
  const timer = setTimeout(() => process.kill("SIGKILL"), moment);
  await process.end;
  clearTimeout(timer);
  const how = `a finished run, then ${typed(newer.task, newer.args)} killed after ` +
    `${Math.round(moment)} ms, then generate, export, report`;
  const path = `${folder}/${newer.place}/losses.csv`;
  const losses = await Deno.readTextFile(path).catch(() => ""); // the old ones go first
  if (losses === before.losses) return { how, faults: [] }; // killed before its first row
  return { how, faults: await staleIn(folder, before) };
}

async function staleIn(folder: string, before: Past): Promise<Fault[]> {
  const faults: Fault[] = [];
  const wrong = (what: string) => faults.push({ column: "wrong", what });
  const generated = await run("generate", generating, { cwd: folder });
  faults.push(...judge(generated));
  if (generated.code === 0 && await lastText(folder) === before.text && !TOLD.test(generated.err)) {
    wrong("generate takes the weights of the run before");
  }
  const exported = await run("export", exporting, { cwd: folder });
  faults.push(...judge(exported));
  if (exported.code === 0 && !TOLD.test(exported.err + exported.out)) {
    const config = JSON.parse(await Deno.readTextFile(`${folder}/results/exported/config.json`));
    if (config.training.seed === 1) wrong("export takes the weights of the run before");
  }
  const reported = await run("report", ["--results=results"], { cwd: folder });
  faults.push(...judge(reported));
  const page = await Deno.readTextFile(`${folder}/results/report.md`).catch(() => "");
  if (page.includes(before.sample.trim().split("\n")[0].slice(0, 30))) {
    wrong("report shows the sample of the run before under the losses of the new one");
  }
  return faults;
}

/** Two runs at the same time: one may be refused, none may get the other's rows. */
export async function together(dice: Dice, folder: string) {
  const [first, second] = [await undisturbed(older), await undisturbed(newer)];
  const delay = dice.between(0, first.ms);
  const one = new Process(older.task, older.args, { cwd: folder });
  await new Promise((resolve) => setTimeout(resolve, delay));
  const two = new Process(newer.task, newer.args, { cwd: folder });
  const ends = [await one.end, await two.end];
  const faults = [...ends.flatMap(judge), ...await halfWritten(folder)];
  const found = await outcome(newer, folder);
  const alike = [first, second].map((right) => differences(found, right.outcome));
  if (ends.every(({ code }) => code !== 0)) {
    faults.push({ column: "lost", what: `both runs end: ${excerpt(ends[0].err)}` });
  } else if (alike.every((one) => one.length > 0)) {
    const what = alike[0].map((one) => one.what).join(", ");
    faults.push({ column: "wrong", what: `two runs in one folder are mixed: ${what}` });
  }
  const how = `${typed(older.task, older.args)} and ${Math.round(delay)} ms later the same with ` +
    "--seed=2";
  return { how, faults };
}

/**
 * Asks a student's code an exercise's questions, in a worker: it may loop for ever, and what it
 * changes does not reach the lab's own classes, which the answers are compared with.
 *
 * @module
 */
/// <reference lib="webworker" />
import * as lab from "@hugo-lab/model";
import { type ExerciseName, exercises } from "./catalogue.ts";
import { type GoldenBatch, goldenProbes, isGolden, type Lab, probesOf, see } from "./probes.ts";

/** What the worker is told. */
export interface Order {
  name: ExerciseName;
  /** The student's file. */
  url: string;
  seed: number;
  golden?: GoldenBatch;
}

/** What it tells: that it begins, each answer, or why there will be none. */
export type Report =
  | { kind: "begins"; what: string }
  | { kind: "seen"; seen: Awaited<ReturnType<typeof see>> }
  | { kind: "refused"; reason: string }
  | { kind: "done" };

const worker = self as unknown as DedicatedWorkerGlobalScope;
const tell = (report: Report) => worker.postMessage(report);

async function answer({ name, url, seed, golden }: Order): Promise<void> {
  tell({ kind: "begins", what: "the file" });
  Deno.exit = () => { // it would end the worker without a word
    throw new Error("Deno.exit() was called");
  };
  let random = false;
  const own = Math.random;
  Math.random = () => {
    random = true;
    return own();
  };
  const student = await read(url);
  for (const declaration of exercises[name].declarations as (keyof Lab)[]) {
    if (!student[declaration]) throw new Error(`the file exports no ${declaration}`);
    if (student[declaration] === lab[declaration]) {
      throw new Error(`${declaration} is the lab's own: write yours`);
    }
  }
  await lab.useBackend("lab", 1);
  const mixed = { ...lab, ...student };
  const probes = probesOf(name, mixed, seed);
  if (golden && isGolden(name)) probes.push(...goldenProbes(name, mixed, golden));
  for (const probe of probes) {
    tell({ kind: "begins", what: probe.what });
    random = false;
    const seen = await see(probe);
    tell({ kind: "seen", seen: { ...seen, random } });
    if ("error" in seen) break;
  }
  tell({ kind: "done" });
}

async function read(url: string): Promise<Partial<Lab>> {
  try {
    return await import(url);
  } catch (error) {
    throw new Error(`the file threw: ${error instanceof Error ? error.message : String(error)}`);
  }
}

worker.onmessage = ({ data }: MessageEvent<Order>) => {
  answer(data).catch((error) => {
    tell({ kind: "refused", reason: error instanceof Error ? error.message : String(error) });
  });
};

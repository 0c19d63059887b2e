/**
 * Checking a student's file: its answers beside those of the lab's own classes and PyTorch's.
 *
 * @module
 */
import * as lab from "@hugo-lab/model";
import { accepted, type Variant } from "./accepted.ts";
import type { ExerciseName } from "./catalogue.ts";
import { describeNegatives, describeWeights, findDifference } from "./diagnosis.ts";
import { goldenOf } from "./golden.ts";
import { mistakes } from "./mistakes.ts";
import { type GoldenBatch, goldenProbes, isGolden, probesOf, see, type Seen } from "./probes.ts";
import type { Order, Report } from "./worker.ts";

/** A busy machine may take so long to start a worker. */
const START_SECONDS = 300;

/** What came of a check. */
export interface Verdict {
  /** What was looked at and is right. */
  right: string[];
  /** The first thing that is wrong, in a sentence; none if all is right. */
  wrong?: string;
}

/** How a check is made. */
export interface CheckOptions {
  /** Of the numbers that the questions are asked with. */
  seed: number;
  /** How long the student's code may take for an answer. */
  seconds: number;
  /** The only folder that the student's code may read; any, if there is none. */
  folder?: string;
}

/** Asks a student's file an exercise's questions and compares. */
export async function checkExercise(
  name: ExerciseName,
  url: URL,
  { seed, seconds, folder }: CheckOptions,
): Promise<Verdict> {
  const golden = isGolden(name) ? goldenOf(name) : undefined;
  const order: Order = { name, url: url.href, seed, golden: golden?.batch };
  const { asked, answers, stopped } = await askWorker(order, seconds, folder);
  await lab.useBackend("lab", 1);
  const probes = probesOf(name, lab, seed);
  const right: string[] = [];
  for (const [i, actual] of answers.entries()) {
    const expected = i < probes.length ? await see(probes[i]) : golden!.expected[i - probes.length];
    const wrong = await findWrong(
      { name, seed, batch: golden?.batch, index: i, what: asked[i] },
      actual,
      expected,
    );
    if (wrong) return { right, wrong };
    right.push(asked[i]);
  }
  const questions = probes.length + (golden?.expected.length ?? 0);
  if (stopped === undefined && right.length < questions) {
    return { right, wrong: "the check came to no end: does the file send messages of its own?" };
  }
  return { right, wrong: stopped };
}

/** Which question is looked at. */
interface Question {
  name: ExerciseName;
  seed: number;
  /** What PyTorch's figures belong to. */
  batch?: GoldenBatch;
  index: number;
  /** As it is told. */
  what: string;
}

/** What is wrong with one answer, and what mistake it comes from if that is known. */
async function findWrong(
  question: Question,
  actual: Seen,
  expected: Seen,
): Promise<string | undefined> {
  const { name, what } = question;
  const difference = findDifference(what, actual, expected);
  if (difference === undefined) return undefined;
  for (const variant of (accepted[name] ?? []).filter((one) => what.startsWith(one.what))) {
    if (await isAnsweredAs(variant, question, actual)) return undefined;
  }
  const broken = what === "Head.weights(x)"
    ? describeWeights(actual, expected)
    : what.startsWith("FeedForward.forward")
    ? describeNegatives(actual, expected)
    : undefined;
  const fact = broken ? `${what}: ${broken}` : difference;
  if (actual.random) return `${fact}: ${RANDOM}`;
  for (const mistake of mistakes[name].filter((one) => what.startsWith(one.what))) {
    if (await isAnsweredAs(mistake, question, actual)) return `${fact}: ${mistake.says}`;
  }
  if (broken?.startsWith("row sums")) return `${fact}: is the softmax over the last axis?`;
  return fact;
}

const RANDOM = "Math.random() was called; draw from the generator, so that the same seed gives " +
  "the same numbers again";

/** Whether an answer is that of the lab with something written in another way. */
async function isAnsweredAs(
  variant: Variant,
  { name, seed, batch, index, what }: Question,
  actual: Seen,
): Promise<boolean> {
  const varied = { ...lab, ...variant.lab };
  const probes = probesOf(name, varied, seed);
  if (batch && isGolden(name)) probes.push(...goldenProbes(name, varied, batch));
  const probe = probes.at(index);
  return probe !== undefined && isSame(what, actual, await see(probe));
}

function isSame(what: string, a: Seen, b: Seen): boolean {
  if ("error" in a || "error" in b) return "error" in a && "error" in b && a.error === b.error;
  return findDifference(what, a, b) === undefined;
}

interface Answers {
  /** What was asked, in order; one more than answers if the last was not answered. */
  asked: string[];
  answers: Seen[];
  /** Why it came to no end, if so. */
  stopped?: string;
}

/** Lets a worker ask, and ends it when its time is up. */
function askWorker(order: Order, seconds: number, folder?: string): Promise<Answers> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    type: "module",
    deno: { permissions: { read: folder === undefined ? true : [folder] } },
  } as WorkerOptions);
  const asked: string[] = [];
  const answers: Seen[] = [];
  return new Promise((resolve) => {
    const end = (stopped?: string) => {
      clearTimeout(timer);
      worker.terminate();
      resolve({ asked: asked.slice(1), answers, stopped });
    };
    const stop = () => {
      const reason = `took more than ${seconds} s: is there a loop without an end?`;
      end(asked.length === 0 ? "the check did not begin: try again" : `${asked.at(-1)} ${reason}`);
    };
    let timer = setTimeout(stop, 1000 * START_SECONDS);
    worker.onerror = (event) => {
      event.preventDefault();
      end(`${asked.at(-1) ?? "it"} ended the check: ${event.message}`);
    };
    worker.onmessage = ({ data }: MessageEvent<Report>) => {
      clearTimeout(timer);
      timer = setTimeout(stop, 1000 * seconds);
      if (data.kind === "begins") asked.push(data.what);
      else if (data.kind === "seen") answers.push(data.seen);
      else end(data.kind === "refused" ? data.reason : undefined);
    };
    worker.postMessage(order);
  });
}

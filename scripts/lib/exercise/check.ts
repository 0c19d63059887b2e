/**
 * Checking a student's file: its types, then its answers beside those of the lab's own classes and
 * PyTorch's.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import * as lab from "@hugo-lab/model";
import type { ExerciseName } from "./catalogue.ts";
import { describeNegatives, describeWeights, findDifference } from "./diagnosis.ts";
import { goldenOf } from "./golden.ts";
import { mistakes } from "./mistakes.ts";
import { isGolden, probesOf, see, type Seen } from "./probes.ts";
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
}

/** The type checker's complaints about a file; none if there are none. */
export async function findTypeErrors(path: string): Promise<string | undefined> {
  const config = fileURLToPath(new URL("../../../deno.json", import.meta.url));
  const command = new Deno.Command("deno", {
    args: ["check", "--quiet", "--config", config, path],
    env: { NO_COLOR: "1" },
  });
  const { success, stderr } = await command.output();
  if (success) return undefined;
  const text = new TextDecoder().decode(stderr);
  return text.replace(/\n*(error: Type checking failed|Stack backtrace:)[^]*$/, "").trim();
}

/** Asks a student's file an exercise's questions and compares. */
export async function checkExercise(
  name: ExerciseName,
  url: URL,
  { seed, seconds }: CheckOptions,
): Promise<Verdict> {
  const golden = isGolden(name) ? goldenOf(name) : undefined;
  const order: Order = { name, url: url.href, seed, golden: golden?.batch };
  const { asked, answers, stopped } = await askWorker(order, seconds);
  await lab.useBackend("lab", 1);
  const probes = probesOf(name, lab, seed);
  const right: string[] = [];
  for (const [i, actual] of answers.entries()) {
    const expected = i < probes.length ? await see(probes[i]) : golden!.expected[i - probes.length];
    const wrong = await findWrong(name, asked[i], actual, expected, i, seed);
    if (wrong) return { right, wrong };
    right.push(asked[i]);
  }
  return { right, wrong: stopped };
}

/** What is wrong with one answer, and what mistake it comes from if that is known. */
async function findWrong(
  name: ExerciseName,
  what: string,
  actual: Seen,
  expected: Seen,
  index: number,
  seed: number,
): Promise<string | undefined> {
  const difference = findDifference(what, actual, expected);
  if (difference === undefined) return undefined;
  const broken = what === "Head.weights(x)"
    ? describeWeights(actual, expected)
    : what.startsWith("FeedForward.forward")
    ? describeNegatives(actual, expected)
    : undefined;
  const fact = broken ? `${what}: ${broken}` : difference;
  for (const mistake of mistakes[name].filter((one) => what.startsWith(one.what))) {
    const answer = await answerOf(name, { ...lab, ...mistake.lab }, seed, index);
    if (answer && isSame(what, actual, answer)) return `${fact}: ${mistake.says}`;
  }
  if (broken?.startsWith("row sums")) return `${fact}: is the softmax over the last axis?`;
  return fact;
}

async function answerOf(
  name: ExerciseName,
  mistaken: typeof lab,
  seed: number,
  index: number,
): Promise<Seen | undefined> {
  const probes = probesOf(name, mistaken, seed).slice(0, index + 1);
  let answer: Seen | undefined;
  for (const probe of probes) answer = await see(probe);
  return probes.length > index ? answer : undefined;
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
function askWorker(order: Order, seconds: number): Promise<Answers> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    type: "module",
    deno: { permissions: { read: true } },
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

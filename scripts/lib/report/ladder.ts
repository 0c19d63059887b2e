/**
 * The ladder of losses: what the report shows first.
 *
 * @module
 */
import { type StageName, stages } from "@hugo-lab/model";
import type { Block, Rung } from "./document.ts";
import { type Findings, isHugo } from "./gather.ts";
import { endOf } from "./notices.ts";
import { overfitting } from "./overfitting.ts";
import { notebook } from "./runs.ts";
import { stories } from "./story.ts";
import { firstLineOf } from "./text.ts";

/** A rung a stage, from bigram's longest run on. */
export function ladder(findings: Findings): Block {
  const rungs = (Object.keys(stages) as StageName[]).map((name) => rung(findings, name));
  return { kind: "ladder", rungs };
}

function rung(findings: Findings, name: StageName): Rung {
  const run = findings.runs.get(name)!.at(-1);
  const end = endOf(run);
  const shared = { id: name, title: name, what: stories[name].what };
  if (end && Number.isFinite(end.valLoss)) {
    const line = run!.sample === undefined ? undefined : firstLineOf(run!.sample);
    const overfits = overfitting(run!.losses) && "overfits";
    const note = overfits ? [`${overfits}: ${end.trainLoss.toFixed(2)} on the training part`] : [];
    return { ...shared, loss: end.valLoss, line, note, isNotebooks: false };
  }
  const command = { code: `deno task ${name}` };
  const note = [run && !run.finished ? "unfinished: " : "not yet run: ", command];
  const other = notebook.runs[name];
  if (run || !isHugo(findings) || !other) return { ...shared, note, isNotebooks: false };
  const { valLoss: loss, trainLoss } = other.losses.at(-1)!;
  const overfits = overfitting(other.losses)
    ? `, which overfits: ${trainLoss.toFixed(2)} on the training part`
    : "";
  note.push(`. Loss and line are the notebook's${overfits}`);
  return { ...shared, loss, line: firstLineOf(other.sample), note, isNotebooks: true };
}

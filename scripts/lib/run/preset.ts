/** Which preset of the last stage a task's flags ask for. @module */
import { chooseBackend, type PresetName, presets, type Stage, whyNoGpu } from "@hugo-lab/model";
import { operationsPerStep } from "./backend.ts";
import { applyFlags, type RunValues } from "./flags.ts";

/** What chooses a preset. */
export type PresetValues = RunValues & { preset?: PresetName };

/** A preset, and in a few words why it was taken. */
export interface PresetChoice {
  name: PresetName;
  why: string;
  /** The stage with the flags' values in place of the preset's. */
  stage: Stage;
}

/**
 * The preset that was asked for, else the notebook's with a GPU and the laptop's without.
 *
 * @throws {UserError} if the flags' values do not go together
 */
export async function choosePreset(values: PresetValues): Promise<PresetChoice> {
  const { name, why } = await nameOf(values);
  const { about: _, ...stage } = presets[name];
  return { name, why, stage: applyFlags(stage, values) };
}

async function nameOf(values: PresetValues): Promise<{ name: PresetName; why: string }> {
  const { preset, backend = "auto" } = values;
  if (preset) return { name: preset, why: "as --preset says" };
  const chosen = backend === "auto"
    ? (await chooseBackend(operationsPerStep(presets.notebook))).name
    : backend;
  if (await whyNoGpu(chosen)) return { name: "laptop", why: "no GPU is used" };
  return { name: "notebook", why: "there is a GPU" };
}

/** The name of a preset with what it is for, for help. */
export const presetsHelp: string = Object.entries(presets)
  .map(([name, { about }]) => `${name}: ${about}`).join("; ");

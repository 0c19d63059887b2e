/**
 * What is remembered of an exercise, in a small file beside the student's own: how many hints were
 * given, and of which text the check said that it is right.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { readBytes, readUtf8, UserError, writeAtomically } from "@hugo-lab/model";

/** What is remembered. */
export interface Memory {
  /** How many hints were given. */
  hints: number;
  /** The sha256 of the file that was right. */
  right?: string;
}

const pathOf = (folder: string) => `${folder}/progress.json`;

/** What is remembered in an exercise's folder; nothing, if there is no such file or it is damaged. */
export async function recall(folder: string): Promise<Memory> {
  try {
    const { hints, right } = JSON.parse(await readUtf8(pathOf(folder)));
    return {
      hints: Number.isSafeInteger(hints) && hints > 0 ? hints : 0,
      right: typeof right === "string" ? right : undefined,
    };
  } catch {
    return { hints: 0 };
  }
}

/** Remembers something more. @throws {UserError} if the folder cannot be written to */
export async function remember(folder: string, more: Partial<Memory>): Promise<void> {
  const memory = { ...await recall(folder), ...more };
  try {
    const text = JSON.stringify(memory) + "\n";
    await writeAtomically(pathOf(folder), new TextEncoder().encode(text));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UserError(`${pathOf(folder)} cannot be written (${error.message})`);
  }
}

/** How far a student is with an exercise. */
export type State = "new" | "begun" | "right" | "changed";

/** The state of the file in an exercise's folder; "changed" if another text of it was right. */
export async function stateOf(folder: string, path: string): Promise<State> {
  const text = await readBytes(path).catch(() => undefined);
  if (text === undefined) return "new";
  const { right } = await recall(folder);
  if (right === undefined) return "begun";
  return right === sha256(text) ? "right" : "changed";
}

/** Of a file's bytes, in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

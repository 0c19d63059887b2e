/**
 * Which run a folder's files are of: its id stands in `identity.json` and in each file of weights, and
 * what has another is not used.
 *
 * @module
 */
import { readUtf8, UserError, writeAtomically } from "@hugo-lab/model";
import { withFile } from "../task/errors.ts";
import { idOf } from "./settings.ts";

/** What `identity.json` tells. */
export interface Identity {
  /** Of the run's stage, configuration, text, vocabulary and seed: the same for the same numbers. */
  id: string;
  /** Its stage. */
  stage: string;
  /** When it began. */
  started: string;
  /** What it was made with, for those who have its CSV files alone. */
  settings?: Record<string, unknown>;
}

const NAME = "identity.json";

/** The identity of a run that begins now. */
export async function newIdentity(
  stage: string,
  settings: Record<string, unknown>,
): Promise<Identity> {
  const { "the vocabulary": _, ...told } = settings; // which the text has
  const started = new Date().toISOString();
  return { id: await idOf(stage, settings), stage, started, settings: told };
}

/** Says in a folder which run its files are of. */
export async function writeIdentity(folder: string, identity: Identity): Promise<void> {
  const text = JSON.stringify(identity, null, 1) + "\n";
  await writeAtomically(`${folder}/${NAME}`, new TextEncoder().encode(text));
}

/**
 * Which run a folder's files are of, if it is told.
 *
 * @throws {UserError} if the file is damaged
 */
export async function readIdentity(folder: string): Promise<Identity | undefined> {
  const path = `${folder}/${NAME}`;
  return await withFile(path, async () => {
    try {
      const { id, stage, started, settings } = JSON.parse(await readUtf8(path));
      if ([id, stage, started].every((text) => typeof text === "string")) {
        return { id, stage, started, ...settings instanceof Object ? { settings } : {} };
      }
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
        return undefined;
      }
      if (!(error instanceof SyntaxError)) throw error;
    }
    throw new UserError("it is damaged: run the stage again, or delete it");
  });
}

/** What to say of a file whose run is not the folder's; nothing if it is, or nobody knows. */
export function whyForeign(id: string | undefined, identity?: Identity): string | undefined {
  if (identity === undefined || id === identity.id) return undefined;
  return `it is of another run than the folder's last one, which began ${identity.started}`;
}

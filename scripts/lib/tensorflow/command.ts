/** Running the programs that installing TensorFlow needs. @module */
import { stripVTControlCharacters } from "node:util";

/** A program's outcome, with what it said. */
export interface Outcome {
  /** Whether it was found and ended well. */
  ok: boolean;
  /** Its standard output and error, if they were not shown. */
  text: string;
}

/**
 * Runs a program in the folder.
 *
 * @param shown whether its output goes to the screen, so that its progress is seen
 */
export async function command(
  program: string,
  args: string[],
  { cwd, shown = false }: { cwd?: URL; shown?: boolean } = {},
): Promise<Outcome> {
  const output = shown ? "inherit" : "piped";
  try {
    const outcome = await new Deno.Command(program, {
      args,
      cwd,
      stdin: "null",
      stdout: output,
      stderr: output,
    }).output();
    if (shown) return { ok: outcome.success, text: "" };
    const decode = (bytes: Uint8Array) => stripVTControlCharacters(new TextDecoder().decode(bytes));
    const text = `${decode(outcome.stdout)}\n${decode(outcome.stderr)}`.trim();
    return { ok: outcome.success, text };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { ok: false, text: `there is no ${program}` };
  }
}

/** The line of a program's output that tells what failed. */
export function reasonIn(text: string): string {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  const reason = lines.find((line) => /error[: ]/i.test(line) && !/script/.test(line)) ??
    lines.at(-1) ?? "it gave no reason";
  return reason.replace(/^.*\berror: /i, "");
}

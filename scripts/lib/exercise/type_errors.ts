/**
 * What the type checker says of students' files, but for what is a matter of TypeScript alone:
 * TensorFlow.js gives most tensors back as of any rank, and where the lab writes a cast a student
 * need not. Shapes are looked at in the answers.
 *
 * @module
 */
import { fileURLToPath, pathToFileURL } from "node:url";

/** A tensor of any rank where one of a certain rank was to be. */
const ANY_RANK = /^TS(2322|2345) [^]*Type 'Rank' is not assignable to type 'Rank\.R\d'/;
const END = /\n*(Found \d+ errors?\.|error: Type checking failed|Stack backtrace:)[^]*$/;

/** The complaints about one file, or a folder's; none if there are none. */
export async function findTypeErrors(path: string): Promise<string | undefined> {
  const complaints = await check([path]);
  return complaints.length === 0 ? undefined : complaints.join("\n\n");
}

/** The complaints about each of several files that has any; quicker than one by one. */
export async function typeErrorsOf(paths: readonly string[]): Promise<Map<string, string>> {
  const errors = new Map<string, string>();
  const place = (path: string) => `at ${pathToFileURL(path).href}:`;
  const complaints = await check(paths);
  const isKnown = complaints.every((text) => paths.some((path) => text.includes(place(path))));
  for (const path of paths) {
    const found = isKnown
      ? complaints.filter((text) => text.includes(place(path))).join("\n\n")
      : await findTypeErrors(path);
    if (found) errors.set(path, found);
  }
  return errors;
}

async function check(paths: readonly string[]): Promise<string[]> {
  if (paths.length === 0) return [];
  const config = fileURLToPath(new URL("../../../deno.json", import.meta.url));
  const command = new Deno.Command("deno", {
    args: ["check", "--quiet", "--config", config, ...paths],
    env: { NO_COLOR: "1" },
  });
  const { success, stderr } = await command.output();
  if (success) return [];
  const text = new TextDecoder().decode(stderr).replace(END, "");
  const complaints = text.split(/^(?=TS\d+ \[ERROR\])/m).map((one) => one.trim());
  return complaints.filter((one) => one !== "" && !ANY_RANK.test(one));
}

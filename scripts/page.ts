/** `deno task page`: the lab on a page, served on this machine or written as static files. @module */
import {
  corpusFromBytes,
  HUGO_PATH,
  prepareFolder,
  UserError,
  writeAtomically,
} from "@hugo-lab/model";
import { flagLines, type Flags, help, readArguments } from "./lib/arguments.ts";
import { buildPage, type PageText, singleFile, writePage } from "./lib/page/build.ts";
import { servePage } from "./lib/page/serve.ts";
import { runTask } from "./lib/task.ts";

const PORT = 8001;
const flags = {
  build: { kind: "text", value: "DIR", help: "write the page's files there and serve nothing" },
  single: { kind: "text", value: "FILE", help: "write it as one file that opens from the disk" },
  corpus: { kind: "text", value: "FILE", help: "the text that the page brings; default: Hugo's" },
  port: { kind: "integer", min: 0, max: 65535, help: "where it is served" },
  help,
} as const satisfies Flags;

/** The task. */
export async function page(args: string[]): Promise<void> {
  const values = readArguments({ task: "page", flags }, args);
  if (values.help) {
    console.log("deno task page: the lab on a page, trained in the browser\n");
    return console.log(flagLines(flags, { port: PORT }));
  }
  const { build, single, corpus, port } = values;
  const isWritten = build !== undefined || single !== undefined;
  if (isWritten && port !== undefined) {
    const flag = build === undefined ? "--single" : "--build";
    throw new UserError(`${flag} serves nothing: leave out --port, or ${flag}`);
  }
  const text = await findText(corpus);
  if (build !== undefined) prepareFolder(build, "build");
  const files = await buildPage(text);
  if (!isWritten) return await servePage(files, port ?? PORT);
  const say = (where: string, bytes: number) =>
    console.log(`the page is in ${where}, ${(bytes / 1e6).toFixed(2)} MB`);
  if (single !== undefined) {
    const bytes = new TextEncoder().encode(await singleFile(files, text));
    await writeAtomically(single, bytes);
    say(single, bytes.length);
  }
  if (build === undefined) return;
  await writePage(files, build);
  say(build, [...files.values()].reduce((sum, { length }) => sum + length, 0));
}

/** The text that was asked for, or Hugo's if it is here; nothing is downloaded. */
async function findText(path: string | undefined): Promise<PageText | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path ?? HUGO_PATH);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (path !== undefined) {
      throw new UserError(`the corpus ${path} cannot be read: give --corpus the path of a text`);
    }
    console.error("Hugo's text is not here (deno task data): the page has the practice corpus");
    return undefined;
  }
  const name = (path ?? HUGO_PATH.pathname).replaceAll("\\", "/").split("/").at(-1)!
    .replace(/(?<=.)\.[^.]*$/, "");
  await corpusFromBytes(name, bytes, path); // is it a text?
  return { name, bytes };
}

if (import.meta.main) await runTask(page);

/** `deno task page`: the lab on a page, served on this machine or written as static files. @module */
import { HUGO_PATH, prepareFolder, readBytes, UserError, writeAtomically } from "@hugo-lab/model";
import {
  buildPage,
  isPage,
  pageNames,
  type PageText,
  singleFile,
  writePage,
} from "./lib/page/build.ts";
import { servePage } from "./lib/page/serve.ts";
import { corpusIfHere } from "./lib/run/corpus.ts";
import { sharedFlags } from "./lib/run/flags.ts";
import { isOwnThere, prepareOutput } from "./lib/task/output.ts";
import { main, task } from "./lib/task/task.ts";

const PORT = 8001;

const flags = {
  build: { kind: "text", value: "DIR", help: "write the page's files there and serve nothing" },
  single: { kind: "text", value: "FILE", help: "write it as one file that opens from the disk" },
  corpus: { ...sharedFlags.corpus, help: "the text that the page brings instead of Hugo's" },
  port: {
    kind: "integer",
    min: 0,
    max: 65535,
    otherwise: String(PORT),
    help: "where it is served",
  },
} as const;

/** The task. */
export const page = task({
  name: "page",
  about: "the lab on a page, trained in the browser",
  flags,
  others: sharedFlags,
  async run({ build, single, corpus, port }) {
    const isWritten = build !== undefined || single !== undefined;
    if (isWritten && port !== undefined) {
      const flag = build === undefined ? "--single" : "--build";
      throw new UserError(`${flag} serves nothing: leave out --port, or ${flag}`);
    }
    const text = await findText(corpus);
    if (single !== undefined) await prepareOutput(single, isPage, "single");
    if (build !== undefined) {
      await checkPageFolder(build);
      prepareFolder(build, "build");
    }
    const files = await buildPage(text);
    if (!isWritten) return await servePage(files, port ?? PORT);
    if (single !== undefined) {
      const bytes = new TextEncoder().encode(await singleFile(files, text));
      await writeAtomically(single, bytes);
      say(single, bytes.length);
    }
    if (build === undefined) return;
    await writePage(files, build);
    say(build, [...files.values()].reduce((sum, { length }) => sum + length, 0));
  },
});

/** Sees that a folder is empty, has a page, or has other names than a page's files. */
async function checkPageFolder(folder: string): Promise<void> {
  if (await isOwnThere(`${folder}/index.html`, isPage, "build")) return;
  for (const name of pageNames) await isOwnThere(`${folder}/${name}`, () => false, "build");
}

function say(where: string, bytes: number): void {
  console.log(`the page is in ${where}, ${(bytes / 1e6).toFixed(2)} MB`);
}

/** The text that was asked for, or Hugo's if it is here; nothing is downloaded. */
async function findText(path: string | undefined): Promise<PageText | undefined> {
  const corpus = await corpusIfHere({ corpus: path }); // is it a text?
  if (!corpus) {
    console.error("Hugo's text is not here (deno task data): the page has the practice corpus");
    return undefined;
  }
  const name = (path ?? HUGO_PATH.pathname).replaceAll("\\", "/").split("/").at(-1)!
    .replace(/(?<=.)\.[^.]*$/, "");
  return { name, bytes: await readBytes(path ?? HUGO_PATH) };
}

if (import.meta.main) await main(page);

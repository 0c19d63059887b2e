/** `deno task report`: tables, curves and pictures of what was run, as a page and as Markdown. @module */
import { prepareFolder, useBackend, UserError } from "@hugo-lab/model";
import { compareFindings } from "./lib/report/compare.ts";
import type { Report } from "./lib/report/document.ts";
import { gather } from "./lib/report/gather.ts";
import { writeSections } from "./lib/report/sections.ts";
import { serveReport } from "./lib/report/serve.ts";
import { writeReport, writeSheetFiles } from "./lib/report/write.ts";
import { corpusIfHere } from "./lib/run/corpus.ts";
import { sharedFlags } from "./lib/run/flags.ts";
import { pick } from "./lib/task/arguments.ts";
import { lineOf } from "./lib/task/errors.ts";
import { notify } from "./lib/task/notices.ts";
import { main, task } from "./lib/task/task.ts";

const PORT = 8000;

const flags = {
  results: { ...sharedFlags.results, otherwise: "results" },
  prompt: {
    ...sharedFlags.prompt,
    mayBeEmpty: false,
    otherwise: "one of the text",
    help: "the line on which attention is shown",
  },
  ...pick(sharedFlags, "corpus", "quiet"),
  compare: { kind: "text", value: "A B", help: "lay two results folders side by side" },
  sheet: { kind: "switch", help: "write a report of your own, questions and blanks: sheet.md" },
  serve: { kind: "switch", help: "serve the report on this machine, and follow the files" },
  port: {
    kind: "integer",
    min: 0,
    max: 65535,
    otherwise: String(PORT),
    help: "where --serve listens",
  },
} as const;

/** The task. */
export const report = task({
  name: "report",
  words: "",
  about: "writes report.html and report.md",
  flags,
  others: sharedFlags,
  async run(values, words) {
    const { results: folder = "results", compare, prompt, serve, sheet, port } = values;
    if (port !== undefined && !serve) throw new UserError("--port needs --serve");
    if (sheet && (serve || compare !== undefined)) {
      throw new UserError("--sheet goes with neither --serve nor --compare: leave one out");
    }
    if (values.results !== undefined && !serve) checkFolder(folder);
    const corpus = await corpusIfHere(values);
    await useBackend("lab");
    const read = (folder: string) => gather({ folder, corpus, prompt });
    const compared = foldersOf(compare, words);
    if (!serve) compared?.forEach(checkFolder);
    const make = async (): Promise<Report> =>
      compared
        ? compareFindings([await read(compared[0]), await read(compared[1])])
        : await writeSections(await read(folder));
    if (serve) {
      const tell = (error: UserError) => console.error(lineOf(error, flags));
      return await serveReport(make, compared ?? [folder], port ?? PORT, tell);
    }
    if (sheet) return console.log(await writeSheetFiles(await make(), folder, notify(values)));
    const made = await make();
    if (compared) prepareFolder(folder); // it need not be one of the two
    console.log(await writeReport(made, folder, compared ? "compare" : "report"));
  },
});

/** The two folders to compare, if there are: the second may be a word of its own. */
function foldersOf(
  compare: string | undefined,
  words: readonly string[],
): [string, string] | undefined {
  if (compare === undefined) {
    if (words.length === 0) return undefined;
    throw new UserError(`report has no argument ${words[0]}: see deno task report --help`);
  }
  const folders = [...words.length > 0 ? [compare] : compare.split(","), ...words];
  if (folders.length !== 2 || folders.includes("")) {
    const given = [compare, ...words].join(" ");
    throw new UserError(`--compare needs two folders, A B or A,B, got "${given}"`);
  }
  return [folders[0], folders[1]];
}

function checkFolder(folder: string): void {
  try {
    Deno.readDirSync(folder).next();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new UserError(`there is no folder ${folder} to report on`);
  }
}

if (import.meta.main) await main(report);

/** `deno task report`: tables, curves and pictures of what was run, as a page and as Markdown. @module */
import { type Corpus, HUGO_PATH, loadCorpus, useBackend, UserError } from "@hugo-lab/model";
import { type FlagName, type FlagValues, helpText, parseFlags } from "./lib/flags.ts";
import { compareFindings } from "./lib/report/compare.ts";
import type { Report } from "./lib/report/document.ts";
import { gather } from "./lib/report/gather.ts";
import { writeSections } from "./lib/report/sections.ts";
import { serveReport } from "./lib/report/serve.ts";
import { writeReport, writeSheetFiles } from "./lib/report/write.ts";
import { runTask } from "./lib/task.ts";

const allowed: FlagName[] = [
  "results",
  "corpus",
  "prompt",
  "compare",
  "sheet",
  "serve",
  "port",
  "quiet",
  "help",
];
const PORT = 8000;

/** The task; `lab` hands over the text that it has read. */
export async function report(args: string[], corpus?: Corpus): Promise<void> {
  const words: string[] = [];
  const values = parseFlags("report", allowed, args, words);
  if (values.help) {
    console.log(helpText("report", "writes report.html and report.md", allowed));
    return console.log("\nAttention is shown on --prompt, or on a line of the text.");
  }
  if (values.port !== undefined && !values.serve) throw new UserError("--port needs --serve");
  if (values.sheet && (values.serve || values.compare !== undefined)) {
    throw new UserError("--sheet goes with neither --serve nor --compare: leave one out");
  }
  const folder = String(values.results ?? "results");
  if (values.results !== undefined) checkFolder(folder);
  const text = corpus ?? await findCorpus(values);
  await useBackend("lab");
  const read = (folder: string) =>
    gather({ folder, corpus: text, prompt: values.prompt as string | undefined });
  const compared = foldersOf(values, words);
  const make = async (): Promise<Report> =>
    compared
      ? compareFindings([await read(compared[0]), await read(compared[1])])
      : await writeSections(await read(folder));
  if (values.serve) {
    return await serveReport(make, compared ?? [folder], Number(values.port ?? PORT));
  }
  if (values.sheet) {
    const say = (line: string) => console.error(line);
    return console.log(await writeSheetFiles(await make(), folder, say));
  }
  console.log(await writeReport(await make(), folder, compared ? "compare" : "report"));
}

/** The two folders to compare, if there are: the second may be a word of its own. */
function foldersOf({ compare }: FlagValues, words: string[]): [string, string] | undefined {
  if (compare === undefined) {
    if (words.length === 0) return undefined;
    throw new UserError(`report has no argument ${words[0]}: see deno task report --help`);
  }
  const folders = [...words.length > 0 ? [String(compare)] : String(compare).split(","), ...words];
  if (folders.length !== 2 || folders.includes("")) {
    const given = [compare, ...words].join(" ");
    throw new UserError(`--compare needs two folders, A B or A,B, got "${given}"`);
  }
  folders.forEach(checkFolder);
  return [folders[0], folders[1]];
}

function checkFolder(folder: string): void {
  try {
    Deno.readDirSync(folder).next();
  } catch {
    throw new UserError(`there is no folder ${folder} to report on`);
  }
}

/** The text, if it is here: a report downloads nothing. */
async function findCorpus(values: FlagValues): Promise<Corpus | undefined> {
  const path = values.corpus as string | undefined;
  const isHere = path !== undefined || await Deno.stat(HUGO_PATH).then(() => true, () => false);
  return isHere ? await loadCorpus(path, (line) => console.error(line)) : undefined;
}

if (import.meta.main) await runTask(report);

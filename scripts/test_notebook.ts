/**
 * `deno task test:notebook`: runs the notebook from its first cell to its last on Deno's Jupyter
 * kernel, with a Python that has nbclient, and compares its losses with the committed results.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { loadCorpus, smallStages, UserError } from "@hugo-lab/model";
import { countPictures, isPicture, NOTEBOOK, readNotebook } from "./lib/notebook/notebook.ts";
import { main, task } from "./lib/task/task.ts";

const PEER = fileURLToPath(new URL("./lib/notebook/notebook_peer.py", import.meta.url));
const RESULTS = new URL("../results/", import.meta.url);

/** What a code cell gave. */
interface Output {
  id: string;
  svg: string[];
  markdown: string[];
}

/** The task; gives the exit code. */
const testNotebook = task({
  name: "test:notebook",
  about: "runs scripts/lab.ipynb on Deno's Jupyter kernel",
  flags: {
    python: { kind: "text", value: "PATH", default: "python3", help: "a Python with nbclient" },
  },
  async run({ python }): Promise<number> {
    await needNbclient(python);
    const outputs = await execute(python);
    if (!outputs) return 1;
    const faults = [...findMissingPictures(outputs), ...await findOtherLosses(outputs)];
    for (const fault of faults) console.log(`wrong: ${fault}`);
    const pictures = outputs.reduce((count, { svg }) => count + svg.length, 0);
    console.log(`the notebook ran: ${outputs.length} cells, ${pictures} pictures`);
    return faults.length === 0 ? 0 : 1;
  },
});

async function needNbclient(python: string): Promise<void> {
  const args = ["-c", "import nbclient"];
  let success = false;
  try {
    ({ success } = await new Deno.Command(python, { args, stderr: "null" }).output());
  } catch {
    throw new UserError(`--python ${python} cannot be run: give the path of a Python`);
  }
  if (!success) {
    throw new UserError(`${python} has no nbclient: ${python} -m pip install nbclient`);
  }
}

/** Runs every cell, and gives nothing but the error if one fails; the kernel is described in a folder of its own, not in the user's settings. */
async function execute(python: string): Promise<Output[] | undefined> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/kernels/deno`, { recursive: true });
    const kernel = {
      argv: ["deno", "jupyter", "--kernel", "--conn", "{connection_file}"],
      display_name: "Deno",
      language: "typescript",
    };
    await Deno.writeTextFile(`${folder}/kernels/deno/kernel.json`, JSON.stringify(kernel));
    const command = new Deno.Command(python, { args: [PEER, fileURLToPath(NOTEBOOK), folder] });
    const { success, stdout, stderr } = await command.output();
    const decoder = new TextDecoder();
    if (!success) console.error(`the notebook failed:\n${decoder.decode(stderr)}`);
    else return JSON.parse(decoder.decode(stdout));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Cells that showed another number of pictures than they say. */
function findMissingPictures(outputs: Output[]): string[] {
  const { cells } = readNotebook();
  const faults: string[] = [];
  for (const cell of cells.filter((one) => one.cell_type === "code")) {
    const { svg } = outputs.find(({ id }) => id === cell.id)!;
    const expected = countPictures(cell);
    if (svg.length !== expected || !svg.every(isPicture)) {
      faults.push(`the cell ${cell.id} showed ${svg.length} pictures, expected ${expected}`);
    }
  }
  return faults;
}

/** Stages whose last losses are not those of `results`, on Hugo's text. */
async function findOtherLosses(outputs: Output[]): Promise<string[]> {
  const { isHugo } = await loadCorpus(undefined, () => {});
  if (!isHugo) {
    console.log("the losses were not compared with the results: Hugo's text is not here");
    return [];
  }
  const rows = outputs.flatMap(({ markdown }) => markdown).join("\n").split("\n");
  const faults: string[] = [];
  for (const stage of smallStages) {
    const file = await Deno.readTextFile(new URL(`${stage}/losses.csv`, RESULTS));
    const [, ...losses] = file.trim().split(/\r?\n/).at(-1)!.split(",");
    const expected = losses.map((loss) => Number(loss).toFixed(4)).join(" | ");
    const isThere = rows.some((row) =>
      row.startsWith(`| ${stage} |`) && row.endsWith(`| ${expected} |`)
    );
    if (!isThere) faults.push(`${stage} did not end with the losses ${expected}`);
  }
  return faults;
}

if (import.meta.main) await main(testNotebook);

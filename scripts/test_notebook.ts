/**
 * `deno task test:notebook`: runs the notebook from its first cell to its last on Deno's Jupyter
 * kernel, with a Python that has nbclient, and compares what stands below each cell with what its
 * code shows as one program, and its losses with the committed results.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { loadCorpus, smallStages, UserError } from "@hugo-lab/model";
import { NOTEBOOK, programOf, readNotebook, type Shown, shownBy } from "./lib/notebook/notebook.ts";
import { main, task } from "./lib/task/task.ts";

const PEER = fileURLToPath(new URL("./lib/notebook/notebook_peer.py", import.meta.url));
const RESULTS = new URL("../results/", import.meta.url);
const LOCK = new URL("../deno.lock", import.meta.url);

/** What stands below a code cell. */
interface Output {
  id: string;
  shown: Shown[];
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
    const expected = await runAsProgram();
    const faults = [...findOtherOutputs(outputs, expected), ...await findOtherLosses(outputs)];
    for (const fault of faults) console.log(`wrong: ${fault}`);
    const all = outputs.flatMap(({ shown }) => shown);
    const pictures = all.filter(({ kind }) => kind === "image/svg+xml").length;
    console.log(
      `the notebook ran: ${outputs.length} cells, ${all.length} outputs, ` +
        `${pictures} of them pictures`,
    );
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
  const lock = await Deno.readFile(LOCK); // the kernel notes the packages that it loads in it
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
    await Deno.writeFile(LOCK, lock);
    await Deno.remove(folder, { recursive: true });
  }
}

/** What the same code shows as one program, where no output can go astray. */
async function runAsProgram(): Promise<Map<string, Shown[]>> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/lab.ts`, programOf(readNotebook().cells));
    const [config, lock] = ["../deno.json", "deno.lock"]
      .map((path) => fileURLToPath(new URL(path, import.meta.url)));
    const args = ["run", "--quiet", `--lock=${lock}`, "--allow-read", `--config=${config}`];
    const { code, stdout, stderr } = await new Deno.Command("deno", {
      args: [...args, `${folder}/lab.ts`],
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    if (code !== 0) throw new Error(`the notebook's code failed as a program:\n${err}`);
    return shownBy(out);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Cells below which there is not exactly what their code shows. */
function findOtherOutputs(outputs: Output[], expected: Map<string, Shown[]>): string[] {
  return outputs.flatMap(({ id, shown }) => {
    const own = expected.get(id) ?? [];
    const place = Math.max(shown.length, own.length);
    const first = Array.from({ length: place }, (_, i) => i)
      .find((i) => shown[i]?.kind !== own[i]?.kind || shown[i]?.text !== own[i]?.text);
    if (first === undefined) return [];
    const tell = (one?: Shown) =>
      one ? `${one.kind} ${JSON.stringify(one.text.slice(0, 60))}` : "nothing";
    return [
      `the cell ${id}, output ${first + 1}: ${tell(shown[first])}, expected ${tell(own[first])}`,
    ];
  });
}

/** Stages whose last losses are not those of `results`, on Hugo's text. */
async function findOtherLosses(outputs: Output[]): Promise<string[]> {
  const { isHugo } = await loadCorpus(undefined, () => {});
  if (!isHugo) {
    console.log("the losses were not compared with the results: Hugo's text is not here");
    return [];
  }
  const rows = outputs.flatMap(({ shown }) => shown).map(({ text }) => text).join("\n").split("\n");
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

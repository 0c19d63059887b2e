/** `deno task export STAGE --to DIR`: a trained model for PyTorch, and what trains it there. @module */
import { parseArgs } from "@std/cli/parse-args";
import { prepareFolder, stages, UserError, writeAtomically } from "@hugo-lab/model";
import { exportedFiles, readTrained } from "./lib/export.ts";
import { runTask } from "./lib/task.ts";

const HELP = `deno task export STAGE --to DIR: a trained model for PyTorch

DIR then has weights.safetensors, config.json, vocabulary.json, model.py, which loads them, and
train.py, which goes on training from checkpoint.safetensors, on several processes too.

Flags:
  --to DIR        a folder of the model's own
  --best          the weights of the lowest validation loss, without AdamW's state
  --results DIR   where the task wrote to (default "results")
  --help          show this`;

/** The task. */
export async function exportStage(args: string[]): Promise<void> {
  const flags = parseArgs(args, {
    string: ["to", "results"],
    boolean: ["best", "help"],
    unknown: (argument) => {
      if (!argument.startsWith("-")) return;
      throw new UserError(`export has no flag ${argument}: see deno task export --help`);
    },
  });
  if (flags.help) return console.log(HELP);
  const [stage, ...others] = flags._.map(String);
  if (!Object.hasOwn(stages, stage ?? "") || others.length > 0) {
    throw new UserError(`export needs one stage: ${Object.keys(stages).join(", ")}`);
  }
  const to = String(flags.to ?? "");
  if (!to) throw new UserError("export needs a folder: --to DIR");
  const trained = await readTrained(`${flags.results ?? "results"}/${stage}`, Boolean(flags.best));
  const files = exportedFiles(trained);
  await refuseToReplace(`${to}/checkpoint.safetensors`);
  prepareFolder(to, "--to");
  for (const [name, bytes] of files) await writeAtomically(`${to}/${name}`, bytes);
  console.log(
    `${to}: ${trained.info.stage}, the ${trained.weightsOf} weights, ` +
      `${trained.run.iteration} iterations\n` +
      `python ${to}/train.py --help tells how to go on`,
  );
}

/** A folder in which PyTorch may have trained on keeps its checkpoint. */
async function refuseToReplace(path: string): Promise<void> {
  try {
    await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return;
    throw error;
  }
  throw new UserError(`there is ${path} already: choose another folder with --to`);
}

if (import.meta.main) await runTask(exportStage);

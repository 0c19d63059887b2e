/**
 * `deno task install_tensorflow`: makes `--backend tensorflow` available, in the folder
 * `.tensorflow`, which git ignores. Run again after an interruption, it keeps what was finished.
 *
 * @module
 */
import {
  findTensorFlow,
  type Installation,
  tensorflowFolder,
  UserError,
  writeAtomically,
} from "@hugo-lab/model";
import { main, task } from "./lib/task/task.ts";
import { command, reasonIn } from "./lib/tensorflow/command.ts";
import { checkSystem } from "./lib/tensorflow/requirements.ts";
import {
  buildAgainstPip,
  installPackage,
  PIP_VERSION,
  takeOwnBinary,
} from "./lib/tensorflow/sources.ts";

/** The task. */
export const installTensorFlow = task({
  name: "install_tensorflow",
  about: `makes --backend tensorflow available

It takes the binary of npm:@tensorflow/tfjs-node-gpu where it can be had; else it builds the
package's binding against TensorFlow ${PIP_VERSION}, which pip installs. That needs python3 with
pip, a C++17 compiler and 4 GB of disk (14 with --gpu).`,
  flags: {
    gpu: { kind: "switch", help: "TensorFlow with the CUDA libraries that match it, from pip" },
    source: { kind: "choice", choices: ["npm", "pip"], help: "one of the two ways only" },
    uninstall: { kind: "switch", help: "take it away again" },
  },
  async run(values) {
    if (values.uninstall) return await uninstall();
    const { gpu = false, source = gpu ? "pip" : undefined } = values;
    if (gpu && source === "npm") {
      throw new UserError("--gpu takes TensorFlow from pip: leave --source npm out");
    }
    await Deno.mkdir(tensorflowFolder, { recursive: true });
    const installation = reusable(gpu, source) ?? await install(gpu, source);
    console.log("Checking a matrix product and a gradient");
    const device = await verify(installation);
    const record = new TextEncoder().encode(JSON.stringify(installation) + "\n");
    await writeAtomically(new URL("installed.json", tensorflowFolder), record);
    console.log(`Done: --backend tensorflow computes on ${device}. For instance:`);
    console.log("  deno task native multi_head --backend tensorflow");
  },
});

/** What is installed already, if it is what is asked for. */
function reusable(gpu: boolean, source?: string): Installation | undefined {
  const installed = findTensorFlow();
  if (!installed || (source && installed.source !== source)) return;
  if (
    installed.source === "pip" && (installed.gpu !== gpu || installed.tensorflow !== PIP_VERSION)
  ) {
    return;
  }
  console.log(`TensorFlow ${installed.tensorflow} is there already`);
  return installed;
}

async function install(gpu: boolean, source?: string): Promise<Installation> {
  if (source !== "npm") checkSystem(gpu);
  console.log("Downloading npm:@tensorflow/tfjs-node-gpu");
  await installPackage();
  if (source !== "pip") {
    console.log("Asking for the package's own binary");
    const result = await takeOwnBinary();
    if (typeof result !== "string") return result;
    if (source === "npm") throw new UserError(`the package's binary cannot be had: ${result}`);
    console.log(`It cannot be had (${result}); building instead`);
  }
  return await buildAgainstPip(gpu);
}

/** Computes on it in a process of its own, which may crash; gives the device. */
async function verify(installation: Installation): Promise<string> {
  const { ok, text } = await command("deno", [
    ...["run", "--quiet", "--no-prompt", "--allow-read", "--allow-ffi"],
    "--allow-env=TF_CPP_MIN_LOG_LEVEL,NVIDIA_TF32_OVERRIDE",
    new URL("lib/tensorflow/verify.ts", import.meta.url).href,
    JSON.stringify(installation),
  ]);
  if (ok) return text.split("\n").at(-1)!;
  throw new UserError(
    `TensorFlow ${installation.tensorflow} does not work here: ${reasonIn(text)}`,
  );
}

async function uninstall(): Promise<void> {
  try {
    await Deno.remove(tensorflowFolder, { recursive: true });
    console.log("TensorFlow is taken away");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log("TensorFlow was not installed");
  }
}

if (import.meta.main) await main(installTensorFlow);

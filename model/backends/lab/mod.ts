/**
 * The lab's engine as a backend of TensorFlow.js, under the name "lab".
 *
 * @module
 */
import * as tf from "../../tf.ts";
import { isGranted } from "../../platform.ts";
import type { BackendDescriptor } from "../descriptor.ts";
import { LabBackend } from "./backend.ts";
import { forwards, registerGradients } from "./ops/mod.ts";
import { Unsupported } from "./ops/operation.ts";

export { LabBackend } from "./backend.ts";

const NAME = "lab";
let registered = false;

/** The engine, once it is TensorFlow.js's backend. */
const engine = () => (tf.backend() as LabBackend).engine;

/** The lab's engine. */
export const lab: BackendDescriptor = {
  register: registerLab,
  remedy: "it needs WebAssembly with SIMD and shared memory; try --backend wasm",
  describe,
  threads: {
    count: () => engine().threads,
    use: async (count) => void (engine().threads = count ?? await defaultThreads()),
  },
};

/** The threads, and the vectors that the kernels are compiled for. */
function describe(): string {
  const { threads, build } = engine();
  const vectors = build === "wide" ? "256-bit vectors" : "128-bit vectors";
  return `the CPU, ${threads} thread${threads === 1 ? "" : "s"}, ${vectors}`;
}

/** One for each core; a thread's program is a file, so without leave to read there is only one. */
async function defaultThreads(): Promise<number> {
  return await isGranted("read") ? navigator.hardwareConcurrency : 1;
}

function registerLab(): void {
  if (registered) return;
  registered = true;
  tf.registerBackend(NAME, () => new LabBackend());
  for (const [kernelName, forward] of Object.entries(forwards)) {
    tf.registerKernel({
      kernelName,
      backendName: NAME,
      kernelFunc: ({ inputs, backend, attrs }) => {
        const lab = backend as LabBackend;
        try {
          return forward(lab, inputs as Record<string, tf.TensorInfo>, attrs);
        } catch (error) {
          const elsewhere = error instanceof Unsupported && !lab.tracing &&
            tf.getKernel(kernelName, "cpu") !== undefined;
          if (!elsewhere) throw error;
          return runOnCpu(kernelName, inputs, lab, attrs);
        }
      },
    });
  }
  registerFallbacks();
  registerGradients();
}

/** Everything else is computed by TensorFlow.js's CPU backend, outside captured steps. */
function registerFallbacks(): void {
  for (const { kernelName } of tf.getKernelsForBackend("cpu")) {
    if (kernelName in forwards) continue;
    tf.registerKernel({
      kernelName,
      backendName: NAME,
      kernelFunc: ({ inputs, backend, attrs }) =>
        runOnCpu(kernelName, inputs, backend as LabBackend, attrs),
    });
  }
}

function runOnCpu(
  kernelName: string,
  inputs: tf.NamedTensorInfoMap,
  lab: LabBackend,
  attrs: tf.NamedAttrMap | undefined,
): tf.TensorInfo | tf.TensorInfo[] {
  if (lab.tracing) throw new Error(`a captured step cannot use the operation ${kernelName}`);
  const cpu = tf.findBackend("cpu") as tf.KernelBackend;
  const move = ({ dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo => {
    return { dataId: cpu.write(lab.readSync(dataId), shape, dtype), shape, dtype };
  };
  // Operations on a list, such as stack, are given an array.
  const entries = Object.entries(inputs).filter(([, input]) => input)
    .map(([name, input]) => [name, move(input!)] as const);
  const moved =
    (Array.isArray(inputs)
      ? entries.map(([, info]) => info)
      : Object.fromEntries(entries)) as tf.NamedTensorInfoMap;
  const results = tf.getKernel(kernelName, "cpu")
    .kernelFunc({ inputs: moved, backend: cpu, attrs });
  const back = ({ dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo => {
    const values = cpu.readSync(dataId);
    return { dataId: lab.write(values, shape, dtype), shape, dtype };
  };
  const all = Array.isArray(results) ? results : [results];
  const returned = all.map(back);
  for (const info of [...all, ...Object.values(moved)]) cpu.disposeData(info!.dataId, true);
  return Array.isArray(results) ? returned : returned[0];
}

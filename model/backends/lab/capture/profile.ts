/**
 * Where a captured step's time goes.
 *
 * @module
 */
import { tabulate } from "./table.ts";
import { type Call, memoryOf } from "./trace.ts";

const HEADER = ["operation", "calls", "ms", "share", "GFLOP/s", "GB/s"];

/** What the calls of one kernel came to in a run. */
interface Cost {
  calls: number;
  milliseconds: number;
  operations: number;
  bytes: number;
}

/**
 * A line a kernel, the dearest first: its calls in a run, their milliseconds (the median of the runs)
 * and share of the step; what a product multiplies and adds, and what any other reads and writes, a
 * second. Memory that a call uses twice counts once.
 */
export function profileOf(
  calls: Call[],
  functions: (() => void)[],
  runs: number,
  before: () => void,
): string {
  const times = calls.map(() => new Float64Array(runs));
  for (let run = -1; run < runs; run++) { // the first one warms up
    before();
    functions.forEach((call, i) => {
      const begin = performance.now();
      call();
      if (run >= 0) times[i][run] = performance.now() - begin;
    });
  }
  const costs = new Map<string, Cost>();
  calls.forEach((call, i) => {
    const cost = costs.get(call.kernel) ?? { calls: 0, milliseconds: 0, operations: 0, bytes: 0 };
    cost.calls++;
    cost.milliseconds += times[i].sort()[runs >> 1];
    cost.operations += 8 * (call.work ?? 0); // vectors of four multiplications and additions
    cost.bytes += bytesOf(call);
    costs.set(call.kernel, cost);
  });
  return tableOfCosts(costs);
}

/** The bytes of a call's tensors. */
function bytesOf(call: Call): number {
  const buffers = new Set(memoryOf(call));
  return [...buffers].reduce((sum, arg) => sum + ("bytes" in arg ? arg.bytes : 0), 0);
}

function tableOfCosts(costs: Map<string, Cost>): string {
  const sorted = [...costs].sort(([, a], [, b]) => b.milliseconds - a.milliseconds);
  const total = sorted.reduce((sum, [, { milliseconds }]) => sum + milliseconds, 0);
  const perSecond = (amount: number, ms: number) =>
    amount > 0 ? (amount / ms / 1e6).toFixed(1) : "";
  const lines = sorted.map(([kernel, { calls, milliseconds, operations, bytes }]) => [
    kernel,
    String(calls),
    milliseconds.toFixed(3),
    `${(100 * milliseconds / total).toFixed(1)} %`,
    perSecond(operations, milliseconds),
    operations > 0 ? "" : perSecond(bytes, milliseconds),
  ]);
  const count = sorted.reduce((sum, [, { calls }]) => sum + calls, 0);
  return tabulate([HEADER, ...lines, ["all", String(count), total.toFixed(3), "100.0 %"]]);
}

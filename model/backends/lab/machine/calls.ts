/**
 * A captured step's calls as functions without arguments.
 *
 * @module
 */
import type { Kernels } from "./module.ts";
import type { Barrier, ThreadStep } from "./threads.ts";

/** A thread's steps as functions. */
export function bind(kernels: Kernels, steps: ThreadStep[], barrier?: Barrier): (() => void)[] {
  const wait = () => barrier!.wait();
  return steps.map((step) =>
    step === "barrier" ? wait : bindCall(kernels[step.kernel] as Callable, step.args)
  );
}

type Callable = (...args: number[]) => unknown;

/** A call with its arguments; spelled out by their number, since spreading an array costs more. */
function bindCall(f: Callable, args: number[]): () => void {
  const [a, b, c, d, e, g, h, i] = args;
  switch (args.length) {
    case 4:
      return () => void f(a, b, c, d);
    case 5:
      return () => void f(a, b, c, d, e);
    case 6:
      return () => void f(a, b, c, d, e, g);
    case 7:
      return () => void f(a, b, c, d, e, g, h);
    case 8:
      return () => void f(a, b, c, d, e, g, h, i);
  }
  return () => void f(...args);
}

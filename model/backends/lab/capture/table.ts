/**
 * A captured step as text, to be read.
 *
 * @module
 */
import type { Place, Shared } from "./schedule.ts";

const HEADER = ["call", "kernel", "units", "sizes", "memory"];
const MEETING = "threads meet";

/**
 * A line a call: which units each thread does, the kernel's numbers, where its tensors lie (in
 * hexadecimal) and how many bytes they have.
 */
export function tableOf(divided: Shared[], place: Place): string {
  const lines = divided.flatMap((shared, i) => {
    const line = [String(i), ...lineOf(shared, place)];
    return shared.meets ? [["", MEETING], line] : [line];
  });
  return tabulate([HEADER, ...lines]);
}

/** Lines of cells in columns, as text. */
export function tabulate(lines: string[][]): string {
  const widths = lines[0].map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0))
  );
  return lines
    .map((line) => line.map((cell, column) => cell.padEnd(widths[column])).join("  ").trimEnd())
    .join("\n");
}

function lineOf({ call: { kernel, args }, shares }: Shared, place: Place): string[] {
  const units = shares.filter(([from, to]) => to > from).map(([from, to]) => `${from}-${to}`);
  const [sizes, memory]: [string[], string[]] = [[], []];
  for (const [name, arg] of Object.entries(args)) {
    if (name === "begin" || name === "end") continue;
    if (typeof arg === "number") sizes.push(`${name} ${arg}`);
    else if ("bytes" in arg) memory.push(`${name} ${place(arg, 0).toString(16)}+${arg.bytes}`);
  }
  return [kernel, units.join(" "), sizes.join(" "), memory.join(" ")];
}

/**
 * The kernels' types, from the declarations that AssemblyScript writes beside a module
 * (`--bindings raw`): what a kernel takes is said once, in its source.
 *
 * @module
 */

/** A kernel as the compiler declares it. */
interface Declaration {
  name: string;
  parameters: { name: string; type: string }[];
  result: string;
}

const HEADER = `/**
 * The kernels' parameters and types: made by \`deno task build_kernels\` from the kernels' sources,
 * not written by hand.
 *
 * @module
 */

/** Where something lies in the engine's memory, in bytes from its start. */
export type Address = number;
`;

/** A module with the kernels' parameters and types. */
export function bindingsOf(declarations: string): string {
  const kernels = parse(declarations).sort((a, b) => a.name < b.name ? -1 : 1);
  const kind = (type: string) => type === "usize" ? "address" : "number";
  const parameters = kernels.map(({ name, parameters }) => {
    const lines = parameters.map((p) => `    ${p.name}: "${kind(p.type)}",`);
    return [`  ${name}: {`, ...lines, "  },"].join("\n");
  });
  return [
    HEADER,
    "/** Each kernel's parameters, in order. */",
    "export const parameters = {",
    ...parameters,
    "} as const;\n",
    "/** The kernels as the module exports them. */",
    "export interface Kernels {",
    ...kernels.map(method),
    "}\n",
  ].join("\n");
}

/** A kernel as a method, laid out as `deno fmt` does. */
function method({ name, parameters, result }: Declaration): string {
  const list = parameters.map((p) => `${p.name}: ${p.type === "usize" ? "Address" : "number"}`);
  const line = `  ${name}(${list.join(", ")}): ${result};`;
  if (line.length <= 100) return line;
  return [`  ${name}(`, ...list.map((p) => `    ${p},`), `  ): ${result};`].join("\n");
}

/** The functions of a declaration file, their parameters' types from the comments before them. */
function parse(text: string): Declaration[] {
  const pattern = /\/\*\*((?:(?!\*\/)[^])*)\*\/\s*export function (\w+)\([^)]*\): (\w+);/g;
  return [...text.matchAll(pattern)].map(([, comment, name, result]) => ({
    name,
    parameters: [...comment.matchAll(/@param (\w+) `(\w+)`/g)]
      .map(([, name, type]) => ({ name, type })),
    result,
  }));
}

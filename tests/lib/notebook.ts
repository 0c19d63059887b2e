/** The notebook's code, and which of its cells show something. @module */

/** Where it lies. */
export const NOTEBOOK = new URL("../../scripts/lab.ipynb", import.meta.url);

/** A cell, as the file has it. */
export interface Cell {
  id: string;
  cell_type: "code" | "markdown";
  source: string[];
  outputs?: unknown[];
  execution_count?: number | null;
}

/** The notebook's cells and what it is to run on. */
export async function readNotebook(): Promise<{
  cells: Cell[];
  metadata: { kernelspec: { name: string } };
}> {
  return JSON.parse(await Deno.readTextFile(NOTEBOOK));
}

/** How many pictures a cell shows. */
export function countPictures({ cell_type, source }: Cell): number {
  if (cell_type !== "code") return 0;
  return source.join("").match(/^await show(Chart|HeatMap|Losses|Run)\(/gm)?.length ?? 0;
}

/** All code in one program; in place of Jupyter it prints of what kind each shown thing is. */
export function programOf(cells: Cell[]): string {
  const code = cells.filter(({ cell_type }) => cell_type === "code");
  return [STAND_IN, ...code.map(({ source }) => source.join(""))].join("\n");
}

const STAND_IN = `Object.assign(Deno, {
  jupyter: {
    display: async (shown: Record<string, string>) => {
      for (const [kind, text] of Object.entries(shown)) console.log(kind, text.slice(0, 5));
    },
  },
});`;

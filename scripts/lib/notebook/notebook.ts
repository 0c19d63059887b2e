/** The notebook's code, and which of its cells show something. @module */
import text from "../../lab.ipynb" with { type: "text" };

/** Where it lies. */
export const NOTEBOOK = new URL("../../lab.ipynb", import.meta.url);

/** A cell, as the file has it. */
export interface Cell {
  id: string;
  cell_type: "code" | "markdown";
  source: string[];
  outputs?: unknown[];
  execution_count?: number | null;
}

/** The notebook's cells and what it is to run on. */
export function readNotebook(): { cells: Cell[]; metadata: { kernelspec: { name: string } } } {
  return JSON.parse(text);
}

/** How many pictures a cell shows. */
export function countPictures({ cell_type, source }: Cell): number {
  if (cell_type !== "code") return 0;
  return source.join("").match(/^await show(Chart|HeatMap|Losses|Run)\(/gm)?.length ?? 0;
}

/** Whether a text is a picture by itself: without its name space a browser takes it for bare XML. */
export function isPicture(svg: string): boolean {
  return /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/.test(svg);
}

/** All code in one program; in place of Jupyter it prints the kind of each shown thing, and how it begins. */
export function programOf(cells: Cell[]): string {
  const code = cells.filter(({ cell_type }) => cell_type === "code");
  return [STAND_IN, ...code.map(({ source }) => source.join(""))].join("\n");
}

const STAND_IN = `Object.assign(Deno, {
  jupyter: {
    display: async (shown: Record<string, string>) => {
      for (const [kind, text] of Object.entries(shown)) console.log(kind, text.split(/(?<=>)|\\n/)[0]);
    },
  },
});`;

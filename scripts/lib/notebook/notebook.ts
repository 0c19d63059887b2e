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
  const calls = /^(await show(Chart|HeatMap|Losses)|const \w+ = await trainStage)\(/gm;
  return source.join("").match(calls)?.length ?? 0;
}

/** Whether a text is a picture by itself: without its name space a browser takes it for bare XML. */
export function isPicture(svg: string): boolean {
  return /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/.test(svg);
}

/** Something that a cell has shown. */
export interface Shown {
  kind: string;
  text: string;
}

/** All code in one program; in place of Jupyter it prints what is shown, a line of JSON each. */
export function programOf(cells: Cell[]): string {
  const code = cells.filter(({ cell_type }) => cell_type === "code").map(({ id, source }) =>
    `Object.assign(globalThis, { cellId: ${JSON.stringify(id)} });\n${source.join("")}`
  );
  return [STAND_IN, ...code].join("\n");
}

const STAND_IN = `Object.assign(Deno, {
  jupyter: {
    display: async (shown: Record<string, string>, place: Record<string, unknown>) => {
      const { cellId } = globalThis as unknown as { cellId: string };
      for (const [kind, text] of Object.entries(shown)) {
        console.log(JSON.stringify({ cell: cellId, kind, text, ...place }));
      }
    },
  },
});`;

/** What each cell shows in the end, by its id: a picture that is drawn anew is there once. */
export function shownBy(output: string): Map<string, Shown[]> {
  const cells = new Map<string, (Shown & { display_id?: string })[]>();
  for (const line of output.trim().split("\n")) {
    const { cell, kind, text, display_id, update } = JSON.parse(line);
    const shown = cells.get(cell) ?? [];
    cells.set(cell, shown);
    const old = update && shown.find((one) => one.display_id === display_id);
    if (old) old.text = text;
    else shown.push({ kind, text, display_id });
  }
  return new Map(
    cells.entries().map(([id, all]) => [id, all.map(({ kind, text }) => ({ kind, text }))]),
  );
}

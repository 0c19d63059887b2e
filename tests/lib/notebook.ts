/** The notebook's code, as a program of its own. @module */

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

/** What a cell's last line begins with if the cell ends in a picture. */
const PICTURE = /^(chart|heatMap|lossChart|curvesOf)(?=\()/m;

/** Whether a cell ends in a picture. */
export function isPicture({ source }: Cell): boolean {
  return PICTURE.test(source.join(""));
}

/** All code in one program that collects the pictures, which Jupyter would show, in `pictures`. */
export function programOf(cells: Cell[]): string {
  const code = cells
    .filter((cell) => cell.cell_type === "code")
    .map(({ source }) => source.join("").replace(PICTURE, "pictures[pictures.length] = $1"));
  return ["const pictures: { [display: symbol]: () => Record<string, string> }[] = [];", ...code]
    .join("\n");
}

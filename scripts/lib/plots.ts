/**
 * What the notebook shows: text, tables and pictures, each kept in its own cell.
 *
 * Deno's kernel says that a cell is done while its last outputs may still be on their way, those of
 * `console.log` and of `Deno.jupyter.display` alike; what comes later is lost, or stands below
 * another cell. There is nothing to wait for but time, so whatever is shown here is given some.
 *
 * @module
 */
import { parseHTML, Plot } from "./report/packages.ts";

export { Plot };

/** What Plot draws in; Deno has no types of a browser's document, so it gets Plot's. */
const { document } = parseHTML("<html></html>") as unknown as Pick<Plot.PlotOptions, "document">;

/** How something is displayed: in place of what has the same `display_id`, or anew. */
type Place = Pick<Deno.jupyter.DisplayOptions, "display_id" | "update">;

/** So long an output needs to be sent, on a machine that has time. */
const SENDING_MS = 50;
/** A timer that comes later than this says that the machine has none, and the wait begins anew. */
const LATE_MS = 20;
const MOST_WAITS = 20;

async function show(kind: string, text: string, place: Place = {}): Promise<void> {
  await Deno.jupyter.display({ [kind]: text }, { raw: true, ...place });
  for (let i = 0; i < MOST_WAITS; i++) {
    const begin = performance.now();
    await new Promise((resolve) => setTimeout(resolve, SENDING_MS));
    if (performance.now() - begin < SENDING_MS + LATE_MS) return;
  }
}

/** Writes a line, or several, below the cell. */
export async function print(...lines: unknown[]): Promise<void> {
  await show("text/plain", lines.join("\n"));
}

/** A picture under its title, with a second one in it if there is a legend. */
export async function showChart(
  title: string,
  { marks, x, y, ...options }: Plot.PlotOptions,
  legend?: Plot.PlotOptions & { left: number; top: number },
  place?: Place,
): Promise<void> {
  const style = { background: "white", color: "black", fontSize: "12px" };
  const label = { labelAnchor: "center", labelArrow: "none" } as const;
  const picture = Plot.plot({
    document,
    style,
    width: 720,
    height: 340,
    marginTop: 50,
    marginBottom: 45,
    marginLeft: 70,
    ...options,
    x: { ...label, ...x },
    y: { ...label, ...y },
    marks: [...marks!, Plot.text([title], { frameAnchor: "top", dy: -30, fontSize: 16 })],
  });
  if (legend) {
    const inside = Plot.plot({ document, style, ...legend });
    inside.setAttribute("x", String(legend.left));
    inside.setAttribute("y", String(legend.top));
    picture.append(inside);
  }
  picture.setAttribute("xmlns", "http://www.w3.org/2000/svg"); // else it is no image by itself
  await show("image/svg+xml", picture.outerHTML, place);
}

/** A square matrix as colours: rows from the top, columns from the left. */
export async function showHeatMap(
  title: string,
  matrix: number[][],
  labels: string[],
  { row, column, value }: { row: string; column: string; value: string },
): Promise<void> {
  const cells = matrix.flatMap((numbers, i) => numbers.map((value, j) => ({ i, j, value })));
  const most = Math.max(...matrix.flat());
  const color = { domain: [0, most], range: ["white", "#3b5bdb"] };
  const axis = { tickFormat: (i: number) => labels[i], tickSize: 0, padding: 0 };
  const shades = Array.from({ length: 50 }, (_, i) => [most * i / 50, most * (i + 1) / 50]);
  await showChart(title, {
    width: 560,
    height: 480,
    marginRight: 100,
    color,
    x: { ...axis, label: column },
    y: { ...axis, label: row },
    marks: [Plot.cell(cells, { x: "j", y: "i", fill: "value", inset: 0.5 }), Plot.frame()],
  }, {
    left: 465,
    top: 120,
    width: 90,
    height: 250,
    marginTop: 30,
    marginLeft: 35,
    marginRight: 40,
    color,
    y: { label: value, labelArrow: "none", axis: "right" },
    marks: [Plot.rectY(shades, { y1: "0", y2: "1", fill: "0" }), Plot.frame()],
  });
}

/** Rows as a table, the first of them its heading. */
export async function showTable(rows: (string | number)[][]): Promise<void> {
  const [header, ...body] = rows.map((row) => `| ${row.join(" | ")} |`);
  const rule = rows[0].map((_, column) => column === 0 ? "---" : "---:").join(" | ");
  await show("text/markdown", [header, `| ${rule} |`, ...body].join("\n"));
}

/** A curve: its name, and its losses by step. */
export interface Curve {
  name: string;
  points: [step: number, loss: number][];
}

/** Curves of losses with their legend. */
export async function showLosses(title: string, curves: Curve[], place?: Place): Promise<void> {
  const names = curves.map(({ name }) => name);
  const color = { domain: names };
  const places = curves.flatMap(({ name, points }) =>
    points.map(([step, loss]) => ({ name, step, loss }))
  );
  await showChart(title, {
    color,
    marginRight: 140,
    x: { label: "step" },
    y: { label: "loss", grid: true, nice: true },
    marks: [
      Plot.line(places, { x: "step", y: "loss", z: "name", stroke: "name", marker: "dot" }),
    ],
  }, {
    left: 595,
    top: 50,
    width: 125,
    height: 22 * names.length,
    margin: 0,
    color,
    y: { axis: null, domain: names },
    marks: [
      Plot.dot(names, { frameAnchor: "left", y: Plot.identity, fill: Plot.identity, r: 5, dx: 6 }),
      Plot.text(names, { frameAnchor: "left", y: Plot.identity, text: Plot.identity, dx: 18 }),
    ],
  }, place);
}

/** Curves that grow: one picture, drawn anew whenever it is told. */
export function growingLosses(title: string): (curves: Curve[]) => Promise<void> {
  const display_id = crypto.randomUUID();
  let update = false;
  return async (curves) => {
    await showLosses(title, curves, { display_id, update });
    update = true;
  };
}

/**
 * Says whether an answer is right; one that is not there yet is waited for.
 *
 * @param hint what to think of, if it is not
 */
export async function check<T>(
  answer: T | undefined,
  isRight: (answer: T) => boolean,
  hint: string,
): Promise<void> {
  if (answer === undefined) await print("Your turn: put your answer in place of undefined.");
  else await print(isRight(answer) ? "Right." : `Not yet. ${hint}`);
}

/** Characters as a reader can see them. */
export function visible(character: string): string {
  return ({ " ": "␣", "\n": "⏎" })[character] ?? character;
}

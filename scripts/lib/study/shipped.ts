/** The studies that come with the lab, by name. @module */
import depth from "./studies/depth.json" with { type: "json" };
import dropout from "./studies/dropout.json" with { type: "json" };
import seeds from "./studies/seeds.json" with { type: "json" };
import sizes from "./studies/sizes.json" with { type: "json" };
import { type Table, tableOf } from "./table.ts";

const shipped: Record<string, { about: string }> = { sizes, dropout, depth, seeds };

/** Their names, with what they show. */
export const shippedStudies: [name: string, about: string][] = Object.entries(shipped)
  .map(([name, { about }]) => [name, about]);

/** One of them; nothing if there is none of that name. */
export function shippedTable(name: string): Table | undefined {
  return Object.hasOwn(shipped, name) ? tableOf(name, shipped[name]) : undefined;
}

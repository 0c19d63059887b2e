/** What a study says of its runs. @module */
import type { Outcome } from "./outcome.ts";
import { bySetting, deviation, mean, settingOf } from "./tables.ts";

/** A line of each setting: its validation losses at the end, and the lowest. */
export function tellMeans(outcomes: readonly Outcome[]): void {
  for (const group of bySetting(outcomes, settingOf)) {
    const { title } = settingOf(group[0]);
    const [last, best] = [group.map((one) => one.valLoss), group.map((one) => one.bestLoss)];
    const over = group.length > 1 ? `, means of ${group.length} seeds` : "";
    console.log(`${title}: val loss ${shown(last)}, lowest ${shown(best)}${over}`);
  }
}

function shown(losses: number[]): string {
  const spread = deviation(losses);
  return `${mean(losses).toFixed(4)}${spread === undefined ? "" : ` ± ${spread.toFixed(4)}`}`;
}

/**
 * A progress bar on standard error, on a terminal only.
 *
 * @module
 */
import { writeError } from "./screen.ts";

const WIDTH = 24;
const INTERVAL_MS = 100;

/** Shows how far a run is, its loss and the time left. */
export class Progress {
  readonly #visible: boolean;
  #drawn = -Infinity;
  #shown = false;

  constructor(readonly total: number, quiet: boolean) {
    this.#visible = !quiet && Deno.stderr.isTerminal();
  }

  /** Redraws the bar, at most ten times a second. */
  update(step: number, note: string, secondsLeft?: number): void {
    if (!this.#visible) return;
    const now = performance.now();
    if (now - this.#drawn < INTERVAL_MS) return;
    this.#drawn = now;
    this.#shown = true;
    const share = step / this.total;
    const left = secondsLeft === undefined ? "?" : formatSeconds(secondsLeft);
    const bar = "█".repeat(Math.round(share * WIDTH)).padEnd(WIDTH, "░");
    writeError(`\r\x1b[K${bar} ${step}/${this.total} ${note}, ${left} left`);
  }

  /** Wipes the bar away, before something else is printed. */
  clear(): void {
    if (this.#shown) writeError("\r\x1b[K");
    this.#shown = false;
  }
}

/** A duration as a person says it: 12 s, 3 min 20 s, 2 h 5 min. */
export function formatSeconds(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor(s / 60) % 60} min`;
}

/**
 * Pictures one after the other: each is drawn in a frame of its own, so that the page answers
 * between two of them.
 *
 * @module
 */
import { useEffect, useState } from "npm:preact@11.2.0/hooks";

const waiting: (() => void)[] = [];
let isRunning = false;

function run(): void {
  const next = waiting.shift();
  isRunning = next !== undefined;
  if (!next) return;
  next();
  setTimeout(run, 0);
}

/** A value that is made soon, anew when one of the inputs is another. */
export function useLater<T>(make: () => T, inputs: unknown[]): T | undefined {
  const [value, setValue] = useState<T | undefined>(undefined);
  useEffect(() => {
    let isWanted = true;
    waiting.push(() => {
      if (isWanted) setValue(make());
    });
    if (!isRunning) {
      isRunning = true;
      setTimeout(run, 0);
    }
    return () => {
      isWanted = false;
    };
  }, inputs);
  return value;
}

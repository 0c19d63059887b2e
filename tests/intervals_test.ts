/**
 * The ranges of memory that a schedule remembers, against a list that is searched from end to end.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { Generator } from "@hugo-lab/model";
import { Intervals } from "../model/backends/lab/capture/intervals.ts";

Deno.test("a set of ranges tells overlaps as a search through all of them does", () => {
  const generator = new Generator(5);
  for (let round = 0; round < 50; round++) {
    const intervals = new Intervals();
    const naive: [number, number][] = [];
    const draws = generator.uniform(300, 0, 200);
    for (let i = 0; i < draws.length; i += 3) {
      const from = Math.floor(draws[i]);
      const to = from + Math.floor(draws[i + 1] / 20); // some are empty
      const found = naive.some(([start, end]) =>
        start < to && from < end && from < to && start < end
      );
      assertEquals(intervals.overlap(from, to), found, `round ${round}, ${from} to ${to}`);
      if (draws[i + 2] < 100) continue;
      intervals.add(from, to);
      naive.push([from, to]);
    }
  }
});

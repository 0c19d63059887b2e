/** Choosing between several threads and one by the time that each takes. */
import { assert, assertEquals } from "@std/assert";
import { Pace } from "../model/backends/lab/capture/pace.ts";

/** The share of runs on several threads if either way takes so long. */
function shareTogether(together: number, alone: number, runs = 20_000): number {
  const pace = new Pace();
  let count = 0;
  for (let i = 0; i < runs; i++) {
    if (pace.together) count++;
    pace.record(pace.together ? together : alone);
  }
  return count / runs;
}

Deno.test("threads are used where they are faster, and rarely left", () => {
  assert(shareTogether(0.5, 0.9) > 0.98);
});

Deno.test("threads are left where they are slower, and rarely tried", () => {
  assert(shareTogether(5, 0.9) < 0.08);
});

Deno.test("a long step stays on its threads", () => {
  assertEquals(shareTogether(500, 400, 100), 1);
});

Deno.test("threads come back when they are faster again", () => {
  const pace = new Pace();
  for (let i = 0; i < 3000; i++) pace.record(pace.together ? 5 : 1);
  assertEquals(pace.together, false);
  for (let i = 0; i < 3000; i++) pace.record(pace.together ? 0.5 : 1);
  assertEquals(pace.together, true);
});

Deno.test("a hiccup does not drive the threads away", () => {
  const pace = new Pace();
  let alone = 0;
  for (let i = 0; i < 20_000; i++) {
    if (!pace.together) alone++;
    pace.record((pace.together ? 0.5 : 0.9) + (i % 7 === 0 ? 20 : 0));
  }
  assert(alone < 400, `${alone} runs alone`);
});

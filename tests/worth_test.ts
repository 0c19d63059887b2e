/** How often checkpoints are written. */
import { assertEquals } from "@std/assert";
import { Worth } from "@hugo-lab/lib/run/worth.ts";

/** So many seconds of training with an evaluation each second: when a file was written. */
async function writings(seconds: number, bytes: number, took: number): Promise<number[]> {
  let now = 0;
  const worth = new Worth(() => now);
  const at: number[] = [];
  for (let second = 0; second <= seconds; second++) {
    if (worth.isGiven(bytes)) {
      await worth.write(() => Promise.resolve(void (now += took)));
      at.push(second);
    }
    now += 1000;
  }
  return at;
}

Deno.test("a small file is written each time, from the first on", async () => {
  assertEquals(await writings(4, 1e6, 5), [0, 1, 2, 3, 4]);
});

Deno.test("a large file is written for a tenth of the time", async () => {
  // Guessed at 100 MB/s it takes 2.4 seconds; the first writing tells that it takes 1.5.
  const at = await writings(100, 240e6, 1500);
  assertEquals(at[0], 22);
  at.slice(1).forEach((second, i) => assertEquals(second - at[i], 14));
});

Deno.test("a file that takes long although it is small is written for a tenth of the time", async () => {
  assertEquals((await writings(60, 1000, 2000)).slice(0, 3), [0, 18, 36]);
});

/** The bench's table: figures and how they compare, in lines that fit a terminal. */
import { assert, assertEquals } from "@std/assert";
import { type Row, table } from "../scripts/lib/bench/table.ts";

const row = (stage: string, peers: Row["peers"]): Row => ({
  stage,
  step: { median: 1234.5, p10: 1111.1, p90: 2222.2 },
  evaluation: 1000.1,
  sample: 12.345,
  gflops: 123.4,
  peers,
});

Deno.test("the bench's table has the ratios of each peer, and at most 80 columns", () => {
  const peers = { PyTorch: { step: 1000, evaluation: 500, sample: 300 } };
  const text = table([row("scaled, batch 8, BLAS", peers), row("bigram", {})], 50);
  for (const line of text.split("\n")) assert(line.length <= 80, line);
  const [own, besidePyTorch] = text.split("\n\n");
  assertEquals(own.split("\n").length, 3);
  const cells = besidePyTorch.split("\n")[1].split(/ {2,}/);
  assertEquals(cells, ["scaled, batch 8, BLAS", "1000", "0.8x", "0.5x", "24.3x"]);
});

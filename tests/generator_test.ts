/** The generator against PyTorch's streams for the seed 2023, value for value. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { Generator } from "@hugo-lab/model";
import { fmaf } from "../model/float32.ts";
import golden from "./fixtures/torch_generator_seed2023.json" with { type: "json" };

interface Stream {
  values: number[];
  "next_randint_2**31": number;
}

/** Compares a stream's values, and where the generator stands after it. */
function check(name: keyof typeof golden, draw: (g: Generator) => ArrayLike<number>, ulps = 0) {
  Deno.test(`${name} ${ulps ? `is within ${ulps} unit in the last place` : "is bit-equal"}`, () => {
    const expected = golden[name] as unknown as Stream;
    const generator = new Generator(2023);
    const actual = draw(generator);
    assertEquals(actual.length, expected.values.length);
    assert(actual.length > 0);
    expected.values.forEach((value, i) => {
      const unit = 2 ** (Math.floor(Math.log2(Math.abs(value) || 1)) - 23);
      assert(
        Math.abs(actual[i] - value) <= ulps * unit,
        `value ${i}: expected ${value}, got ${actual[i]}`,
      );
    });
    assertEquals(generator.randint(2 ** 31), expected["next_randint_2**31"], "draws consumed");
  });
}

const times = <T>(n: number, draw: () => T): T[] => Array.from({ length: n }, draw);

Deno.test("mt19937 gives PyTorch's integers", () => {
  const generator = new Generator(2023);
  assertEquals(times(20, () => generator.uint32()), golden.mt19937_uint32);
});
check("randint_high_256691_n32", (g) => times(32, () => g.randint(256691)));
check("randint_high_28515_n32", (g) => times(32, () => g.randint(28515)));
check("uniform_minus1_to_1_n32", (g) => g.uniform(32, -1, 1));
check("normal_n1", (g) => g.normal(1));
check("normal_n5", (g) => g.normal(5));
check("normal_n15", (g) => g.normal(15));
check("normal_n16", (g) => g.normal(16));
check("normal_n17", (g) => g.normal(17));
check("normal_n32", (g) => g.normal(32));
check("normal_n101", (g) => g.normal(101));
check("bernoulli_0.8_n5", (g) => g.bernoulli(5, 0.8));
check("bernoulli_0.8_n40", (g) => g.bernoulli(40, 0.8));
check("dropout_0.2_of_ones_n64", (g) => Array.from(g.bernoulli(64, 0.8), (m) => m / 0.8));
check("exponential_n5", (g) => g.exponential(5), 1);
check("exponential_n101", (g) => g.exponential(101), 1);
check("multinomial_200_draws_of_1", (g) => {
  const probabilities = Float32Array.from(golden.multinomial_probs_n101);
  return times(200, () => g.multinomial(probabilities));
});
const bound = 1 / Math.sqrt(32);
check("linear_32_to_8_weight", (g) => g.uniform(256, -bound, bound));
check("linear_32_to_101_bias", (g) => {
  g.uniform(101 * 32, -bound, bound); // the weight comes first
  return g.uniform(101, -bound, bound);
});
check("embedding_8x32", (g) => g.normal(256));
check(
  "mixed_order_randint3_uniform3_normal20_bernoulli4_exponential3_normal3_times3",
  (g) =>
    times(3, () => [
      ...times(3, () => g.randint(1000)),
      ...g.uniform(3),
      ...g.normal(20),
      ...g.bernoulli(4, 0.5),
      ...g.exponential(3),
      ...g.normal(3),
    ]).flat(),
  1,
);

Deno.test("a generator goes on from a copied state, cached normal included", () => {
  const first = new Generator(7);
  first.normal(3); // leaves the second value of a pair cached
  first.uint32();
  const second = new Generator(0);
  second.state = first.state;
  assertEquals([...second.normal(40), second.uint32()], [...first.normal(40), first.uint32()]);
});

Deno.test("a seed outside 32 bits is refused", () => {
  for (const seed of [-1, 1.5, 2 ** 32, NaN]) {
    assertThrows(() => new Generator(seed), RangeError, "seed must be an integer");
  }
});

Deno.test("fmaf rounds once where rounding twice would miss", () => {
  // 1 + 2^-24 + 2^-60 lies just above the middle between two floats; a double cannot hold it.
  const a = 1 + 2 ** -12;
  const exact = (x: number, y: number, z: number) => fmaf(x, y, z);
  assertEquals(exact(2 ** -30, 2 ** -30, 1 + 2 ** -23), Math.fround(1 + 2 ** -23));
  assertEquals(exact(a, a, -1), 2 ** -11 + 2 ** -24);
  assertEquals(exact(2 ** -60 * (2 ** 36 + 1), 1, 1), Math.fround(1 + 2 ** -23));
  assertEquals(exact(Infinity, 1, 1), Infinity);
});

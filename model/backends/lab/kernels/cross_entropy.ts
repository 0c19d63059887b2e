/** The mean cross entropy of logits (rows, columns) and its gradient. */
import { exponentials, rowMax, rowSum, scaleRow } from "./lib/rows";
import { F, log } from "./lib/simd";

/** probs = softmax(logits), losses = -log of the target's. Rows. */
export function cross_entropy(
  logits: usize, targets: usize, losses: usize, probs: usize, columns: i32, begin: i32, end: i32,
): void {
  for (let row = begin; row < end; row++) {
    const x = logits + <usize>row * columns * F;
    const p = probs + <usize>row * columns * F;
    const largest = rowMax(x, columns);
    exponentials(x, p, columns, largest);
    const sum = rowSum(p, columns);
    const target = load<i32>(targets + <usize>row * F);
    store<f32>(losses + <usize>row * F, log(sum) + largest - load<f32>(x + <usize>target * F));
    scaleRow(p, columns, 1 / sum);
  }
}

/** dlogits = (probs - one at the target) * dloss / rows. Rows. */
export function cross_entropy_backward(
  probs: usize, targets: usize, dloss: usize, dlogits: usize, rows: i32, columns: i32,
  begin: i32, end: i32,
): void {
  const scale: f32 = load<f32>(dloss) / <f32>rows;
  for (let row = begin; row < end; row++) {
    const p = probs + <usize>row * columns * F;
    const d = dlogits + <usize>row * columns * F;
    memory.copy(d, p, <usize>columns * F);
    const at = d + <usize>load<i32>(targets + <usize>row * F) * F;
    store<f32>(at, load<f32>(at) - 1);
    scaleRow(d, columns, scale);
  }
}

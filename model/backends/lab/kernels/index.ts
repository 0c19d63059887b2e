/** Every kernel, and the check that multiply-add is fused. */
import { F, fma } from "./simd";

export { cross_entropy, cross_entropy_backward, mean } from "./cross_entropy";
export { bernoulli, dropout } from "./dropout";
export {
  adamw, add, add_rows, copy_columns, fill, multiply, relu, relu_backward, scale, sum_rows,
} from "./elementwise";
export { embedding, embedding_backward } from "./embedding";
export { gelu, gelu_backward } from "./gelu";
export { gemm_nn, gemm_nt, gemm_scratch_bytes, gemm_tn } from "./gemm";
export { layer_norm, layer_norm_backward, layer_norm_weight } from "./layer_norm";
export { multinomial } from "./multinomial";
export { mask_future, softmax, softmax_backward } from "./softmax";

/** Whether a * b + c, a, b and c lying at x, is rounded once: then it gives the same bits everywhere. */
export function is_fused(x: usize): i32 {
  const value = fma(v128.load32_splat(x), v128.load32_splat(x, F), v128.load32_splat(x, 2 * F));
  return i32(f32x4.extract_lane(value, 0) != 0);
}

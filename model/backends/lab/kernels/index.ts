/** Every kernel: one operation a file. */
export { adamw } from "./adamw";
export { add, add_rows } from "./add";
export { bernoulli, bernoulli_lower } from "./bernoulli";
export { clip_factor, square_sums } from "./clip";
export { copy_columns } from "./copy_columns";
export { cross_entropy, cross_entropy_backward } from "./cross_entropy";
export { dropout, dropout_lower } from "./dropout";
export { embedding, embedding_backward } from "./embedding";
export { gelu, gelu_backward } from "./gelu";
export {
  gemm_nn, gemm_nn_added, gemm_nn_lower, gemm_nt, gemm_nt_lower, gemm_scratch_bytes, gemm_tn,
  gemm_tn_lower,
} from "./gemm";
export { layer_norm, layer_norm_backward, layer_norm_weight } from "./layer_norm";
export { mask_future } from "./mask_future";
export { mean } from "./mean";
export { multinomial } from "./multinomial";
export { multiply, scale } from "./multiply";
export { put_row } from "./put_row";
export { relu, relu_backward } from "./relu";
export { rotary } from "./rotary";
export { rounds_once } from "./rounds_once";
export { softmax, softmax_backward } from "./softmax";
export { sum_rows } from "./sum_rows";

/**
 * The gradients of TensorFlow.js's operations, each by the rule of its derivative: dy is what comes
 * back for the result, and what is given is what goes back to each input.
 *
 * TensorFlow.js's core has them in files that Deno cannot load (they import one another without
 * endings), its union package has them in a hundred megabytes. These are the operations that the
 * lab's models and exercises use; for any other TensorFlow.js says that it has no gradient. The
 * engine's own operations are not here: they have theirs beside their kernels.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

type Tensors = tf.Tensor[];
/** What goes back to each input, by its name, computed when it is asked for. */
type Returned = Record<string, () => tf.Tensor>;
// deno-lint-ignore no-explicit-any -- each operation has its own attributes
type Attributes = any;
type Rule = (dy: tf.Tensor, saved: Tensors, attributes: Attributes) => Returned;

/** Registers every gradient, once. */
export function registerGradients(): void {
  registerArithmetic();
  registerFunctions();
  registerReductions();
  registerProducts();
  registerShapes();
}

/** A rule that needs the inputs of these names. */
function fromInputs(kernelName: string, inputsToSave: string[], rule: Rule): void {
  tf.registerGradient({ kernelName, inputsToSave, gradFunc: rule as tf.GradFunc });
}

/** A rule that needs the result, which comes behind the inputs of these names. */
function fromResult(kernelName: string, inputsToSave: string[], rule: Rule): void {
  const gradFunc = rule as tf.GradFunc;
  tf.registerGradient({ kernelName, inputsToSave, outputsToSave: [true], gradFunc });
}

/** A rule for a list of inputs, all of which are saved; what goes back has their numbers. */
function fromList(
  kernelName: string,
  rule: (dy: tf.Tensor, inputs: Tensors, a: Attributes) => Tensors,
) {
  const gradFunc = (dy: tf.Tensor, inputs: Tensors, attributes: Attributes) => {
    const returned = rule(dy, inputs, attributes);
    return Object.fromEntries(returned.map((dx, i) => [i, () => dx]));
  };
  tf.registerGradient({ kernelName, saveAllInputs: true, gradFunc: gradFunc as tf.GradFunc });
}

/** An input that was repeated to fit the other gets the sum over its copies. */
function summed(dx: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, dx.shape);
  return (axes.length > 0 ? tf.sum(dx, axes) : dx).reshape(shape);
}

const float = (x: tf.Tensor) => tf.cast(x, "float32");

/** Operations on two tensors, one of which may be repeated. */
function registerArithmetic(): void {
  const ofTwo = (
    kernelName: string,
    da: (dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
    db: (dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  ) =>
    fromInputs(kernelName, ["a", "b"], (dy, [a, b]) => ({
      a: () => summed(da(dy, a, b), a.shape),
      b: () => summed(db(dy, a, b), b.shape),
    }));
  const same = (dy: tf.Tensor) => dy;
  ofTwo(tf.Add, same, same);
  ofTwo(tf.Sub, same, (dy) => tf.neg(dy));
  ofTwo(tf.Multiply, (dy, _, b) => tf.mul(dy, float(b)), (dy, a) => tf.mul(dy, float(a)));
  ofTwo(
    tf.RealDiv,
    (dy, _, b) => tf.div(dy, float(b)),
    (dy, a, b) => tf.neg(tf.div(tf.mul(dy, float(a)), tf.square(float(b)))),
  );
  ofTwo(
    tf.Pow, // a^b: b a^(b-1) and a^b ln a
    (dy, a, b) => tf.mul(dy, tf.mul(float(b), tf.pow(a, tf.sub(float(b), 1)))),
    (dy, a, b) => tf.mul(dy, tf.mul(tf.pow(a, b), tf.where(tf.greater(a, 0), tf.log(a), 0))),
  );
  ofTwo(
    tf.Maximum,
    (dy, a, b) => tf.mul(dy, float(tf.greaterEqual(a, b))),
    (dy, a, b) => tf.mul(dy, float(tf.less(a, b))),
  );
  ofTwo(
    tf.Minimum,
    (dy, a, b) => tf.mul(dy, float(tf.lessEqual(a, b))),
    (dy, a, b) => tf.mul(dy, float(tf.greater(a, b))),
  );
  ofTwo(
    tf.SquaredDifference,
    (dy, a, b) => tf.mul(dy, tf.mul(2, tf.sub(a, b))),
    (dy, a, b) => tf.mul(dy, tf.mul(2, tf.sub(b, a))),
  );
  fromList(tf.AddN, (dy, inputs) => inputs.map(() => dy.clone()));
  fromInputs(tf.Select, ["condition"], (dy, [condition]) => ({
    condition: () => float(tf.zerosLike(condition)),
    t: () => tf.mul(dy, float(condition)),
    e: () => tf.mul(dy, float(tf.logicalNot(condition))),
  }));
}

/** Functions of each number by itself. */
function registerFunctions(): void {
  const ofInput = (name: string, dx: (dy: tf.Tensor, x: tf.Tensor) => tf.Tensor) =>
    fromInputs(name, ["x"], (dy, [x]) => ({ x: () => dx(dy, x) }));
  const ofResult = (name: string, dx: (dy: tf.Tensor, y: tf.Tensor) => tf.Tensor) =>
    fromResult(name, [], (dy, [y]) => ({ x: () => dx(dy, y) }));
  ofInput(tf.Neg, (dy) => tf.neg(dy));
  ofInput(tf.Abs, (dy, x) => tf.mul(dy, tf.sign(x)));
  ofInput(tf.Square, (dy, x) => tf.mul(dy, tf.mul(float(x), 2)));
  ofInput(tf.Log, (dy, x) => tf.div(dy, float(x)));
  ofInput(tf.Relu, (dy, x) => tf.mul(dy, float(tf.step(x))));
  ofInput(
    tf.Erf, // 2/sqrt(pi) e^-x^2
    (dy, x) => tf.mul(dy, tf.mul(tf.exp(tf.neg(tf.square(x))), 2 / Math.sqrt(Math.PI))),
  );
  ofInput(tf.Sqrt, (dy, x) => tf.div(dy, tf.mul(tf.sqrt(float(x)), 2)));
  ofInput(tf.Rsqrt, (dy, x) => tf.neg(tf.div(dy, tf.mul(tf.pow(x, 1.5), 2))));
  ofResult(tf.Exp, (dy, y) => tf.mul(dy, y));
  ofResult(tf.Sigmoid, (dy, y) => tf.mul(dy, tf.mul(y, tf.sub(1, y))));
  ofResult(tf.Tanh, (dy, y) => tf.mul(dy, tf.sub(1, tf.square(y))));
  fromResult(tf.Softmax, [], (dy, [y], { dim }) => ({
    logits: () => {
      const weighted = tf.mul(dy, y);
      return tf.sub(weighted, tf.mul(tf.sum(weighted, [dim], true), y));
    },
  }));
  fromResult(tf.LogSoftmax, [], (dy, [y], { axis }) => ({
    logits: () => tf.sub(dy, tf.mul(tf.sum(dy, axis, true), tf.exp(y))),
  }));
}

/** What makes one number of many. */
function registerReductions(): void {
  /** dy for each of the numbers that one was made of: at its reduced axes 1, then repeated. */
  const spread = (dy: tf.Tensor, x: tf.Tensor, axis: number | number[]) => {
    const axes = tf.util.parseAxisParam(axis, x.shape);
    const shape = x.shape.map((n, i) => axes.includes(i) ? 1 : n);
    return tf.mul(dy.reshape(shape), tf.ones(x.shape));
  };
  fromInputs(tf.Sum, ["x"], (dy, [x], { axis }) => ({ x: () => spread(dy, x, axis) }));
  fromInputs(tf.Mean, ["x"], (dy, [x], { axis }) => ({
    x: () => tf.div(spread(dy, x, axis), x.size / dy.size),
  }));
  for (const [name, attribute] of [[tf.Max, "reductionIndices"], [tf.Min, "axis"]] as const) {
    fromResult(name, ["x"], (dy, [x, y], attributes) => ({
      x: () => {
        const axes = attributes[attribute] ?? attributes.axis;
        return tf.mul(spread(dy, x, axes), float(tf.equal(x, spread(y, x, axes))));
      },
    }));
  }
}

/** Matrix products: dC B^T and A^T dC, turned as the factors were. */
function registerProducts(): void {
  fromInputs(tf.BatchMatMul, ["a", "b"], (dy, [a, b], { transposeA, transposeB }) => ({
    a: () => transposeA ? tf.matMul(b, dy, transposeB, true) : tf.matMul(dy, b, false, !transposeB),
    b: () => transposeB ? tf.matMul(dy, a, true, transposeA) : tf.matMul(a, dy, !transposeA, false),
  }));
}

/** What moves numbers without changing them. */
function registerShapes(): void {
  fromInputs(tf.Reshape, ["x"], (dy, [x]) => ({ x: () => dy.reshape(x.shape) }));
  fromInputs(tf.ExpandDims, ["input"], (dy, [x]) => ({ input: () => dy.reshape(x.shape) }));
  fromInputs(tf.Identity, [], (dy) => ({ x: () => float(dy) }));
  fromInputs(tf.Cast, [], (dy) => ({ x: () => dy.clone() }));
  fromInputs(tf.ZerosLike, ["x"], (_, [x]) => ({ x: () => tf.zerosLike(x) }));
  fromInputs(tf.OnesLike, ["x"], (_, [x]) => ({ x: () => tf.zerosLike(x) }));
  fromInputs(tf.OneHot, ["indices"], (_, [indices]) => ({
    indices: () => tf.zeros(indices.shape),
  }));
  fromInputs(tf.Transpose, [], (dy, _, { perm }) => ({
    x: () => tf.transpose(dy, tf.backend_util.getUndoAxesPermutation(perm)),
  }));
  fromInputs(tf.Slice, ["x"], (dy, [x], { begin, size }) => ({
    x: () => {
      const [from, taken] = tf.slice_util.parseSliceParams(x, begin, size);
      return tf.pad(dy, from.map((n, i) => [n, x.shape[i] - n - taken[i]] as [number, number]));
    },
  }));
  fromInputs(tf.PadV2, ["x"], (dy, [x], { paddings }) => ({
    x: () => tf.slice(dy, paddings.map(([before]: number[]) => before), x.shape),
  }));
  fromInputs(tf.Tile, ["x"], (dy, [x], { reps }: { reps: number[] }) => ({
    // Each axis as two, the copies and what was copied: then the copies are added up.
    x: () => {
      const split = dy.reshape(x.shape.flatMap((n, i) => [reps[i], n]));
      return tf.sum(split, x.shape.map((_, i) => 2 * i));
    },
  }));
  fromInputs(tf.GatherV2, ["x", "indices"], (dy, [x, indices], { axis, batchDims }) => ({
    x: () => gatherGradient(dy, x, indices, axis, batchDims),
    indices: () => tf.zerosLike(indices),
  }));
  fromInputs(tf.SplitV, [], (dy, _, { axis }) => ({
    x: () => tf.concat(dy as unknown as Tensors, axis),
  }));
  fromInputs(tf.Unpack, [], (dy, _, { axis }) => ({
    value: () => tf.stack(dy as unknown as Tensors, axis),
  }));
  fromList(tf.Pack, (dy, _, { axis }) => tf.unstack(dy, axis));
  fromList(tf.Concat, (dy, inputs, { axis }) => {
    const [at] = tf.util.parseAxisParam(axis, inputs[0].shape);
    return tf.split(dy, inputs.map(({ shape }) => shape[at]), at);
  });
}

/** Adds up, for each row of x, what comes back for its copies. */
function gatherGradient(
  dy: tf.Tensor,
  x: tf.Tensor,
  indices: tf.Tensor,
  axis: number,
  batchDims: number,
): tf.Tensor {
  if (batchDims) throw new Error("the lab has no gradient of tf.gather with batchDims");
  const [at] = tf.util.parseAxisParam(axis, x.shape);
  const [before, behind] = [x.shape.slice(0, at), x.shape.slice(at + 1)];
  const order = [at, ...before.keys(), ...behind.map((_, i) => at + 1 + i)];
  const rows = dy.reshape([...before, indices.size, ...behind]).transpose(order);
  const sums = tf.unsortedSegmentSum(rows, indices.flatten() as tf.Tensor1D, x.shape[at]);
  return sums.transpose(tf.backend_util.getUndoAxesPermutation(order));
}

/**
 * Loads an installed TensorFlow in a process of its own, multiplies two matrices and takes a
 * gradient; its argument is the installation as JSON. It prints the device, or fails.
 *
 * @module
 */
import { deviceInUse, registerTensorFlow, useBackend } from "@hugo-lab/model";
import * as tf from "@hugo-lab/model/tf";

function check(what: string, actual: tf.Tensor, expected: number[]): void {
  const values = [...actual.dataSync()];
  if (`${values}` !== `${expected}`) throw new Error(`${what} is ${values}, not ${expected}`);
}

await registerTensorFlow(JSON.parse(Deno.args[0]));
await useBackend("tensorflow");
const a = tf.tensor2d([1, 2, 3, 4], [2, 2]);
check("a matrix product", tf.matMul(a, a), [7, 10, 15, 22]);
check("a gradient", tf.grad((x) => x.square().sum())(a), [2, 4, 6, 8]);
console.log(await deviceInUse());

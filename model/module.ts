/**
 * What every layer is: a tree of parameters with PyTorch's names, and a switch between training
 * and evaluation.
 *
 * The order of a class's fields, as they are declared, is the order in which its parameters are
 * drawn, whatever order its constructor sets them in. Every weight is drawn from one generator, so
 * two fields that change places give a model other numbers than PyTorch's.
 *
 * @module
 */
import * as tf from "./tf.ts";
import { copyInto } from "./functions.ts";
import type { Generator } from "./random.ts";

/** A weight: a shape and how to fill it. It takes memory only once it is initialized. */
export class Parameter<T extends tf.Tensor = tf.Tensor> {
  #variable?: tf.Variable;

  /**
   * A weight without values yet.
   *
   * @param draw the initial values; called in the order in which the notebook builds its modules
   */
  constructor(
    readonly shape: readonly number[],
    readonly draw: (generator: Generator, size: number) => Float32Array,
  ) {}

  /** How many numbers it holds. */
  get size(): number {
    return this.shape.reduce((a, b) => a * b, 1);
  }

  /** Draws the initial values. */
  initialize(generator: Generator): void {
    this.set(this.draw(generator, this.size));
  }

  /** Replaces the values. */
  set(values: Float32Array): void {
    const tensor = tf.tensor(values, [...this.shape], "float32");
    if (this.#variable) {
      copyInto(this.#variable, tensor);
      tensor.dispose();
    } else {
      this.#variable = tf.variable(tensor);
      if (!this.#variable.isDisposed && this.#variable.dataId !== tensor.dataId) tensor.dispose();
    }
  }

  /** The tensor to compute with. */
  get value(): T {
    return this.variable as unknown as T;
  }

  /** The same as the variable that an optimizer updates. */
  get variable(): tf.Variable {
    if (!this.#variable) throw new Error("the model was not initialized");
    return this.#variable;
  }

  /** Frees the values. */
  dispose(): void {
    this.#variable?.dispose();
    this.#variable = undefined;
  }
}

/** A layer, or a model made of layers. */
export abstract class Module {
  /** Whether dropout is on. */
  training = true;

  /** The modules and parameters directly in this one, by PyTorch's names, in order. */
  *#children(): IterableIterator<[string, Module | Parameter]> {
    for (const [key, value] of Object.entries(this)) {
      const name = key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
      const items = Array.isArray(value) ? value.entries() : [["", value] as const];
      for (const [index, item] of items) {
        if (!(item instanceof Module || item instanceof Parameter)) continue;
        yield [index === "" ? name : `${name}.${index}`, item];
      }
    }
  }

  /** This module and every one below it, in order, each before its parts. */
  *modules(): IterableIterator<Module> {
    yield this;
    for (const [, child] of this.#children()) if (child instanceof Module) yield* child.modules();
  }

  /** Every parameter below, by PyTorch's names, in the order in which PyTorch draws them. */
  *namedParameters(prefix = ""): IterableIterator<[name: string, Parameter]> {
    for (const [name, child] of this.#children()) {
      if (child instanceof Parameter) yield [prefix + name, child];
      else yield* child.namedParameters(`${prefix}${name}.`);
    }
  }

  /** Draws every parameter's initial values, in order. */
  initialize(generator: Generator): this {
    for (const [, parameter] of this.namedParameters()) parameter.initialize(generator);
    return this;
  }

  /** How many numbers the parameters hold; needs no memory for them. */
  countParameters(): number {
    let count = 0;
    for (const [, parameter] of this.namedParameters()) count += parameter.size;
    return count;
  }

  /** Turns dropout on, or off with false. */
  train(training = true): this {
    for (const module of this.modules()) module.training = training;
    return this;
  }

  /** Turns dropout off. */
  eval(): this {
    return this.train(false);
  }

  /** Frees every parameter. */
  dispose(): void {
    for (const [, parameter] of this.namedParameters()) parameter.dispose();
  }
}

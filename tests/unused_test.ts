/** A model with a part that its loss does not depend on, as a student's may be. */
import * as tf from "@hugo-lab/model/tf";
import { assert, assertEquals } from "@std/assert";
import {
  AttentionLanguageModel,
  Generator,
  splitData,
  stages,
  Trainer,
  useBackend,
} from "@hugo-lab/model";

const VOCABULARY = 20;
const data = splitData(Int32Array.from({ length: 1000 }, (_, i) => i * 7 % VOCABULARY));

/** A model that forgets to ask its heads. */
class Forgetful extends AttentionLanguageModel {
  override features(idx: tf.Tensor2D): tf.Tensor3D {
    return this.tokenEmbeddingTable.forward(idx) as tf.Tensor3D; // (B, T, C)
  }
}

for (const backend of ["lab", "cpu"] as const) {
  for (const options of [{}, { clip: 1 }, { accumulate: 4, clip: 1 }]) {
    const what = `${backend}, ${JSON.stringify(options)}`;
    Deno.test(`a parameter that the loss does not depend on stays as it is: ${what}`, async () => {
      await useBackend(backend);
      const { model: config, training } = stages.multi_head;
      const generator = new Generator(1);
      const model = new Forgetful(VOCABULARY, config, generator).initialize(generator);
      const trainer = new Trainer(model, data, { ...training, ...options }, generator);
      const unused = model.saHeads!.proj.weight.variable;
      const before = await unused.data();
      const first = await trainer.step();
      for (let step = 0; step < 20; step++) await trainer.step();
      assert(await trainer.step() < first, "the rest learns");
      assertEquals(await unused.data(), before);
      trainer.dispose();
      model.dispose();
    });
  }
}

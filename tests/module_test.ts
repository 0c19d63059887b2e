/** Modules: their parameters in PyTorch's order, and the walk through their parts. */
import * as tf from "@hugo-lab/model/tf";
import { assertEquals } from "@std/assert";
import {
  AttentionLanguageModel,
  Generator,
  Head,
  Linear,
  type ModelConfig,
  Module,
  stages,
  useBackend,
} from "@hugo-lab/model";

/** Every part that a model of the lab can have, once. */
const config: ModelConfig = {
  ...stages.blocks_norm.model,
  nEmbd: 4,
  nHead: 2,
  nLayer: 1,
  widening: 2,
  attentionBias: true,
};

/** As PyTorch's modules list them, whose fields are set in the notebook's order. */
const PYTORCH = `
token_embedding_table.weight position_embedding_table.weight
blocks.0.sa.heads.0.key.weight blocks.0.sa.heads.0.key.bias
blocks.0.sa.heads.0.query.weight blocks.0.sa.heads.0.query.bias
blocks.0.sa.heads.0.value.weight blocks.0.sa.heads.0.value.bias
blocks.0.sa.heads.1.key.weight blocks.0.sa.heads.1.key.bias
blocks.0.sa.heads.1.query.weight blocks.0.sa.heads.1.query.bias
blocks.0.sa.heads.1.value.weight blocks.0.sa.heads.1.value.bias
blocks.0.sa.proj.weight blocks.0.sa.proj.bias
blocks.0.sa.ffwd.net.0.weight blocks.0.sa.ffwd.net.0.bias
blocks.0.sa.ffwd.net.2.weight blocks.0.sa.ffwd.net.2.bias
blocks.0.ffwd.net.0.weight blocks.0.ffwd.net.0.bias
blocks.0.ffwd.net.2.weight blocks.0.ffwd.net.2.bias
blocks.0.ln1.weight blocks.0.ln1.bias blocks.0.ln2.weight blocks.0.ln2.bias
ln_f.weight ln_f.bias lm_head.weight lm_head.bias`.trim().split(/\s+/);

Deno.test("parameters are drawn in PyTorch's order", () => {
  const model = new AttentionLanguageModel(5, config, new Generator(1));
  assertEquals([...model.namedParameters()].map(([name]) => name), PYTORCH);
  for (const body of ["head", "feed_forward"] as const) {
    const names = [...new AttentionLanguageModel(5, { ...config, body }).namedParameters()]
      .map(([name]) => name.split(".")[0]);
    const attention = body === "head" ? ["sa_head"] : ["sa_heads", "ffwd"];
    const embeddings = ["token_embedding_table", "position_embedding_table"];
    assertEquals([...new Set(names)], [...embeddings, ...attention, "lm_head"]);
  }
});

class KeyFirst extends Module {
  readonly key: Linear;
  readonly query: Linear;
  constructor() {
    super();
    this.query = new Linear(3, 2); // the declarations' order counts, not this one
    this.key = new Linear(3, 2);
  }
}

class QueryFirst extends Module {
  readonly query: Linear;
  readonly key: Linear;
  constructor() {
    super();
    this.query = new Linear(3, 2);
    this.key = new Linear(3, 2);
  }
}

Deno.test("fields that change places change what is drawn", async () => {
  await useBackend("cpu");
  const values = (module: KeyFirst | QueryFirst) => {
    module.initialize(new Generator(1));
    const [key, query] = [module.key, module.query].map(({ weight }) => [
      ...weight.value.dataSync(),
    ]);
    module.dispose();
    return { key, query };
  };
  const [one, other] = [values(new KeyFirst()), values(new QueryFirst())];
  assertEquals(one, { key: other.query, query: other.key });
});

Deno.test("modules() gives every part once, and forward asks who attends in place of each head", async () => {
  await useBackend("cpu");
  const model = new AttentionLanguageModel(5, { ...config, nLayer: 2, dropout: 0 });
  model.initialize(new Generator(1)).eval();
  const modules = [...model.modules()];
  assertEquals(new Set(modules).size, modules.length);
  assertEquals(modules[0], model);
  assertEquals(modules.filter((module) => module.training), []);
  const asked: Head[] = [];
  const idx = tf.tensor2d([[1, 2, 3]], [1, 3], "int32");
  const logits = model.forward(idx, (head, x) => {
    asked.push(head);
    return head.forward(x);
  });
  assertEquals(asked, modules.filter((module) => module instanceof Head));
  assertEquals([...await logits.data()], [...await model.forward(idx).data()]);
  tf.dispose([idx, logits]);
  model.dispose();
});

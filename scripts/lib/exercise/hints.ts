/** Three hints for each exercise, from where to look to nearly the line. @module */
import type { ExerciseName } from "./catalogue.ts";

/** The hints, in the order in which they are given. */
export const hints: Record<ExerciseName, [string, string, string]> = {
  stats: [
    "A Map keeps a count under each character, and its keys stay in the order in which they came.",
    "For each character: its count so far, or 0, plus 1. Then sort the entries by their counts.",
    "new Map([...counts].sort(([, a], [, b]) => …)): a comparison that is negative puts its first " +
    "argument first. Characters with the same count stay as they came, since sort() is stable.",
  ],
  split: [
    "Nothing is shuffled: one number, where the training part ends, makes both parts. A batch is " +
    "drawn window by window, and a window needs one character more, for its last target.",
    "Math.floor(0.9 * data.length) is that number, and data.subarray(from, to) a part. " +
    "generator.randint(n) draws a whole number from 0 to n - 1: how many places can a window of " +
    "blockSize characters and its target begin at?",
    "For window b and position t: x at b * blockSize + t is data[start + t], and y at the same " +
    "place is the character one further on. One start is drawn for each window, from " +
    "data.length - blockSize places.",
  ],
  bigram: [
    "A table with a row for each character, and in the row a score for each next one: which layer " +
    "is a table whose rows are looked up?",
    "new Embedding(rows, columns) has forward(idx). In the loss every position of every window is " +
    "an example: (B, T, vocabSize) scores are B times T rows.",
    "crossEntropy(rows, numbers) wants (B * T, vocabSize) and (B * T): logits.reshape([-1, " +
    "vocabSize]) and targets.flatten(). It takes the scores as they are, without a softmax.",
  ],
  single_head: [
    "Three layers make three views of x: query is what a position looks for, key what it offers, " +
    "value what it passes on. None has a bias: new Linear(from, to, { bias }).",
    "A position's weights are the products of its query with each key: tf.matMul(q, k, false, " +
    "true) is q times k transposed, (B, T, T). They are scaled by headSize ** -0.5 before anything " +
    "else; maskFuture() puts -Infinity where the future is.",
    "In order: product, scale, mask, softmax() over each row. In forward: the weights through " +
    "this.dropout, then tf.matMul() of them with this.value.forward(x).",
  ],
  multi_head: [
    "Each head is a Head of its own, with weights of its own, nEmbd numbers in and headSize out; " +
    "together they give nHead * headSize.",
    "Array.from({ length: nHead }, () => …) calls its function for each head; fill() would put " +
    "the same one in every place. Each head gets x itself.",
    "tf.concat(answers, -1) lays the answers side by side along the last axis, (B, T, nEmbd); " +
    "then comes this.proj.forward(), and this.dropout.forward() of what that gives.",
  ],
  feed_forward: [
    "forward() is there: it sends x through this.net, layer by layer. So net is a list.",
    "Two layers are enough: a linear one from nEmbd to nEmbd numbers, and the activation, behind " +
    "it and not before.",
    "this.net = [new Linear(…, …), activation]: the lab's own has new Dropout(options) as a last " +
    "layer, which does nothing yet.",
  ],
  blocks: [
    "A block has two parts that are there already: MultiHeadAttention and FeedForward.",
    "The options go on to both parts. Which field is declared first is drawn first, whatever the " +
    "constructor does.",
    "this.sa = new MultiHeadAttention(nEmbd, nHead, options), this.ffwd likewise; forward gives " +
    "ffwd what sa gives for x.",
  ],
  blocks_norm: [
    "Skip connection: a part's answer is added to what went in, x = x + part(x). LayerNorm is on " +
    "the way into the part, not on the way around it.",
    "ln1 stands before sa, ln2 before ffwd: x.add(this.sa.forward(this.ln1.forward(x))), and the " +
    "same again. Dropout asks this.training.",
    "Dropout: x itself if this.training is false, else dropout(x, p, generator), with p and the " +
    "generator from this.options; it scales what is left by itself.",
  ],
};

/** @jsxImportSource npm:preact@11.2.0 */
/**
 * Inside the model: what its heads attend to, what it expects next, and bigram's table.
 *
 * @module
 */
import { label } from "../report/text.ts";
import { HeatMap } from "./map.tsx";
import { useLater } from "./later.ts";
import { nextBars, show } from "./pictures.ts";
import { address, looked, pairs, texts } from "./state.ts";

/** The views of the model. */
export function Inside() {
  const { inside } = texts.value;
  return (
    <section aria-labelledby="inside">
      <h2 id="inside">{inside.title}</h2>
      <p class="note">{inside.note}</p>
      <div class="inside">
        <Next />
        {address.value.stage === "bigram" ? null : <Heads />}
      </div>
      {address.value.stage === "bigram" ? <Pairs /> : null}
    </section>
  );
}

function Next() {
  const { inside, locale } = texts.value;
  const seen = looked.value;
  const svg = useLater(() => seen && nextBars(seen, texts.value, 300), [seen, locale]);
  return (
    <figure class="next">
      <figcaption>{inside.next}</figcaption>
      <div class="picture" dangerouslySetInnerHTML={{ __html: svg ?? "" }} />
    </figure>
  );
}

function Heads() {
  const { inside } = texts.value;
  const seen = looked.value;
  if (!seen || seen.heads.length === 0) return null;
  const { characters, heads } = seen;
  const isDeep = heads.some(({ block }) => block > 0);
  return (
    <div class="heads">
      <h3>{inside.heads}</h3>
      <p class="note">{inside.keys}</p>
      <div class={heads.length === 1 ? "one" : "maps"}>
        {heads.map(({ block, head, weights }) => (
          <HeatMap
            key={`${block}.${head}`}
            title={inside.head(isDeep ? block + 1 : undefined, head + 1)}
            matrix={weights}
            characters={characters}
            axes={{ row: inside.row, column: inside.column }}
            full={1}
            width={heads.length === 1 ? 340 : 220}
            keys={inside.keys}
            say={(i, j) =>
              inside.value(
                label(characters[i]),
                label(characters[j]),
                show(weights[i][j], texts.value, 3),
              )}
          />
        ))}
      </div>
    </div>
  );
}

function Pairs() {
  const { inside } = texts.value;
  const found = pairs.value;
  if (!found) return null;
  const { characters, learned, counted } = found;
  const map = (title: string, matrix: number[][]) => (
    <HeatMap
      title={title}
      matrix={matrix}
      characters={characters}
      axes={{ row: inside.pairRow, column: inside.pairColumn }}
      full={0.5}
      width={440}
      keys={inside.keys}
      say={(i, j) =>
        `${label(characters[i])} → ${label(characters[j])}: ${show(matrix[i][j], texts.value, 3)}`}
    />
  );
  return (
    <div>
      <h3>{inside.pairs}</h3>
      <p class="note">{inside.pairsNote} {inside.keys}</p>
      <div class="pairs">
        {map(inside.learned, learned)}
        {map(inside.counted, counted)}
      </div>
    </div>
  );
}

/** @jsxImportSource npm:preact@11.2.0 */
/**
 * The panel: the buttons, the settings, the loss as it falls, the text that is written now.
 *
 * @module
 */
/// <reference lib="dom" />
import { useEffect, useRef, useState } from "npm:preact@11.2.0/hooks";
import { useLater } from "./later.ts";
import { lossCurve, notebookOf, show } from "./pictures.ts";
import { fieldsOf, ranges, valueOf } from "./settings.ts";
import {
  address,
  go,
  isNotebooks,
  labStage,
  pause,
  progress,
  reset,
  restart,
  set,
  stage,
  step,
  texts,
  train,
  writeAgain,
  written,
} from "./state.ts";
import type { Field } from "./texts/texts.ts";

/** The panel. */
export function Panel() {
  const { panel } = texts.value;
  return (
    <section class="panel" aria-labelledby="train">
      <h2 id="train">{panel.title}</h2>
      <div class="bench">
        <div class="controls">
          <Buttons />
          <Settings />
        </div>
        <div class="views">
          <Curve />
          <Writing />
        </div>
      </div>
    </section>
  );
}

function Buttons() {
  const { panel, locale } = texts.value;
  const now = progress.value;
  const running = now?.status === "running";
  const isOver = !now || now.status === "finished" || now.status === "file";
  const count = (n: number) => n.toLocaleString(locale);
  return (
    <div>
      <div class="buttons">
        {running
          ? <button type="button" class="main" onClick={() => void pause()}>{panel.pause}</button>
          : (
            <button
              type="button"
              class="main"
              disabled={isOver}
              onClick={() => void train()}
            >
              {panel.train}
            </button>
          )}
        <button type="button" disabled={isOver || running} onClick={() => void step()}>
          {panel.step}
        </button>
        <button type="button" disabled={!now} onClick={() => void restart()}>
          {panel.restart}
        </button>
      </div>
      <progress
        aria-label={panel.progress}
        max={now?.iters || 1}
        value={now?.iteration ?? 0}
      />
      <p class="status" role="status">
        <strong>{panel.status[now?.status ?? "loading"]}</strong>
        {now?.isResumed && now.status !== "file" ? `, ${panel.resumed}` : ""}
      </p>
      {now && (
        <p class="status">
          {now.status === "file"
            ? ""
            : <span class="count">{panel.iteration(count(now.iteration), count(now.iters))}</span>}
          <span>{panel.parameters(count(now.parameters))}</span>
        </p>
      )}
      {running ? <p class="note">{panel.hidden}</p> : null}
    </div>
  );
}

function Settings() {
  const { panel } = texts.value;
  const lab = labStage.value;
  if (!lab || !stage.value) return null;
  const changed = Object.keys(address.value.changes).length > 0;
  return (
    <fieldset disabled={progress.value?.status === "file"}>
      <legend>{panel.settings}</legend>
      <div class="fields">
        {fieldsOf(lab).map((field) => <Setting key={field} field={field} />)}
      </div>
      {changed
        ? <button type="button" class="quiet" onClick={reset}>{panel.defaults}</button>
        : null}
    </fieldset>
  );
}

function Setting({ field }: { field: Field }) {
  const { min, max, step } = ranges[field];
  return (
    <label>
      <span>{texts.value.fields[field]}</span>
      <input
        type="number"
        name={field}
        min={min}
        max={max}
        step={step === 1 ? 1 : "any"}
        value={valueOf(stage.value!, field)}
        onChange={(event) => {
          const { value } = event.currentTarget;
          set(field, value === "" ? NaN : Number(value));
        }}
      />
    </label>
  );
}

/** The width of an element as it is now. */
function useWidth() {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(() => setWidth(Math.floor(ref.current!.clientWidth)));
    observer.observe(ref.current!);
    return () => observer.disconnect();
  }, []);
  return { ref, width };
}

function Curve() {
  const { curve, locale } = texts.value;
  const { ref, width } = useWidth();
  const now = progress.value;
  const name = address.value.stage;
  const behind = isNotebooks.value ? notebookOf(name) : [];
  const isEmpty = !now || now.evaluations.length === 0;
  const picture = useLater(
    () => now && !isEmpty && width > 0 ? lossCurve(now, behind, texts.value, width) : undefined,
    [now, width, locale, behind.length, name],
  );
  return (
    <figure class="curve">
      <figcaption>{curve.title}</figcaption>
      {picture
        ? (
          <ul class="legend">
            {picture.legend.map(({ className, label }) => (
              <li key={className} class={className}>{label}</li>
            ))}
          </ul>
        )
        : null}
      <div ref={ref} class="picture" dangerouslySetInnerHTML={{ __html: picture?.svg ?? "" }} />
      {isEmpty && now?.status !== "file" ? <p class="note">{curve.nothing}</p> : null}
      {!isNotebooks.value && notebookOf(name).length > 0
        ? <p class="note">{curve.notHugo}</p>
        : null}
      <Evaluations />
    </figure>
  );
}

function Evaluations() {
  const { curve } = texts.value;
  const now = progress.value;
  if (!now || now.evaluations.length === 0) return null;
  const rows = isNotebooks.value ? notebookOf(address.value.stage) : [];
  const notebook = new Map(rows.map(([step, train, val]) => [step, [train, val]]));
  const isBeside = rows.length > 0;
  const caption = isBeside ? curve.tableBeside : curve.table;
  const number = (value: number | undefined) => value === undefined ? "" : show(value, texts.value);
  return (
    <details>
      <summary>{caption}</summary>
      <div class="table" role="region" aria-label={caption} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col" class="number">{curve.iteration}</th>
              <th scope="col" class="number">{curve.train}</th>
              {isBeside ? <th scope="col" class="number">{curve.notebookTrain}</th> : null}
              <th scope="col" class="number">{curve.validation}</th>
              {isBeside ? <th scope="col" class="number">{curve.notebookValidation}</th> : null}
            </tr>
          </thead>
          <tbody>
            {now.evaluations.map(({ step, trainLoss, valLoss }) => (
              <tr key={step}>
                <th scope="row" class="number">{step}</th>
                <td class="number">{number(trainLoss)}</td>
                {isBeside ? <td class="number">{number(notebook.get(step)?.[0])}</td> : null}
                <td class="number">{number(valLoss)}</td>
                {isBeside ? <td class="number">{number(notebook.get(step)?.[1])}</td> : null}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function Writing() {
  const { writing } = texts.value;
  const { prompt, temperature, topK } = address.value;
  const now = progress.value;
  return (
    <div class="writing">
      <h3>{writing.title}</h3>
      <div class="fields wide">
        <label class="prompt">
          <span>{writing.prompt}</span>
          <input
            type="text"
            name="prompt"
            value={prompt}
            maxLength={200}
            onInput={(event) => go({ prompt: event.currentTarget.value })}
          />
        </label>
        <label title={writing.temperatureNote}>
          <span>{writing.temperature} {show(temperature, texts.value, 2)}</span>
          <input
            type="range"
            name="temperature"
            min={0}
            max={2}
            step={0.05}
            value={temperature}
            onInput={(event) => go({ temperature: Number(event.currentTarget.value) })}
          />
        </label>
        <label>
          <span>{writing.topK} {topK === 0 ? writing.all : topK}</span>
          <input
            type="range"
            name="topK"
            min={0}
            max={50}
            step={1}
            value={topK}
            onInput={(event) => go({ topK: Number(event.currentTarget.value) })}
          />
        </label>
      </div>
      <pre class="written" tabIndex={0} aria-label={writing.title}>
        <b>{written.value?.prompt ?? ""}</b>
        {written.value?.text ?? ""}
      </pre>
      <p class="note">
        {writing.live}{" "}
        <button type="button" class="quiet" disabled={!now} onClick={() => void writeAgain()}>
          {writing.again}
        </button>
      </p>
      {now?.sample === undefined ? null : (
        <details>
          <summary>{writing.final}</summary>
          <pre class="written" tabIndex={0} aria-label={writing.final}>
            {now.sample}
          </pre>
        </details>
      )}
    </div>
  );
}

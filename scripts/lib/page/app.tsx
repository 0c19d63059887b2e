/** @jsxImportSource npm:preact@11.2.0 */
/**
 * The page: one stage at a time, its text, its panel, its inside, its question, and the files.
 *
 * @module
 */
/// <reference lib="dom" />
import type { ComponentChildren } from "npm:preact@11.2.0";
import { useState } from "npm:preact@11.2.0/hooks";
import { diagram } from "../report/diagram.ts";
import { Inside } from "./inside.tsx";
import { useLater } from "./later.ts";
import { Panel } from "./panel.tsx";
import { notebookOf, show } from "./pictures.ts";
import { sourceOf } from "./source.ts";
import {
  address,
  beginning,
  chooseText,
  go,
  goToStage,
  isNotebooks,
  languages,
  message,
  openFile,
  progress,
  save,
  stage,
  stageNames,
  textChoice,
  texts,
} from "./state.ts";
import type { PageStage, TextChoice } from "./lab.ts";
import { resumption, writeAddress } from "./settings.ts";

/** The page. */
export function App() {
  const drop = (event: DragEvent) => {
    event.preventDefault();
    const [file] = event.dataTransfer?.files ?? [];
    if (file) void openFile(file);
  };
  return (
    <div class="page" onDragOver={(event) => event.preventDefault()} onDrop={drop}>
      <Head />
      <main id="main">
        <Stage />
        <Panel />
        <Parts />
        <Inside />
        <Question />
        <Files />
        <Onward />
      </main>
      <Message />
    </div>
  );
}

/** Goes to a stage as a link does, where it is not opened in another tab. */
function StageLink({ name, children }: { name: PageStage; children: ComponentChildren }) {
  const isHere = address.value.stage === name;
  return (
    <a
      href={writeAddress({ ...address.value, stage: name, changes: {} })}
      aria-current={isHere ? "page" : undefined}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        void goToStage(name);
        scrollTo(0, 0);
      }}
    >
      {children}
    </a>
  );
}

function Head() {
  const { title, subtitle, privacy, stagesLabel, languageLabel, stages } = texts.value;
  return (
    <header>
      <div class="top">
        <h1>{title}</h1>
        <label class="language">
          <span class="hidden">{languageLabel}</span>
          <select
            value={texts.value.locale}
            onChange={(event) => go({ language: event.currentTarget.value })}
          >
            {Object.entries(languages).map(([name, { name: shown }]) => (
              <option key={name} value={name}>{shown}</option>
            ))}
          </select>
        </label>
      </div>
      <p class="summary">{subtitle}</p>
      <p class="note">{privacy}</p>
      <nav aria-label={stagesLabel}>
        <ol>
          {stageNames.map((name) => (
            <li key={name}>
              <StageLink name={name}>{stages[name].title}</StageLink>
            </li>
          ))}
        </ol>
      </nav>
    </header>
  );
}

function Stage() {
  const { title, adds } = texts.value.stages[address.value.stage];
  return (
    <section aria-labelledby="stage" class="stage">
      <h2 id="stage">{title}</h2>
      <div class="adds">{adds.map((paragraph) => <p key={paragraph}>{paragraph}</p>)}</div>
    </section>
  );
}

function Parts() {
  const name = address.value.stage;
  const { parts, architecture, source, sourceNote, locale, stages, diagram: words } = texts.value;
  const { title } = stages[name];
  const { file, text } = sourceOf(name);
  const model = stage.value?.model;
  const size = progress.value?.vocabulary.length ?? 101;
  const picture = useLater(
    () => model && diagram(title, model, size, words).svg,
    [JSON.stringify(model), size, name, locale],
  );
  return (
    <section aria-labelledby="parts">
      <h2 id="parts">{parts}</h2>
      <div class="parts">
        <figure class="architecture">
          <figcaption>{architecture}</figcaption>
          <div class="picture" dangerouslySetInnerHTML={{ __html: picture ?? "" }} />
        </figure>
        <figure class="source">
          <figcaption>{source}</figcaption>
          <p class="note">{sourceNote(file)}</p>
          <pre tabIndex={0} aria-label={source}>{text}</pre>
        </figure>
      </div>
    </section>
  );
}

function Question() {
  const { stages, noticeTitle, questionTitle, answerTitle, answerLater } = texts.value;
  const name = address.value.stage;
  const { notice, question, answer } = stages[name];
  const now = progress.value;
  const [first, last] = [now?.evaluations[0], now?.evaluations.at(-1)];
  const number = (value: number) => show(value, texts.value);
  const notebook = isNotebooks.value ? notebookOf(name).at(-1)?.[2] : undefined;
  return (
    <section aria-labelledby="notice">
      <h2 id="notice">{noticeTitle}</h2>
      <ul class="notice">{notice.map((item) => <li key={item}>{item}</li>)}</ul>
      <h3>{questionTitle}</h3>
      <p>{question}</p>
      <details class="answer" key={name}>
        <summary>{answerTitle}</summary>
        <p>
          {now && first && last && last.step > 0
            ? answer({
              step: last.step.toLocaleString(texts.value.locale),
              train: number(last.trainLoss),
              val: number(last.valLoss),
              first: number(first.valLoss),
              guess: number(Math.log(now.vocabulary.length)),
              gap: number(Math.abs(last.valLoss - last.trainLoss)),
              parameters: now.parameters.toLocaleString(texts.value.locale),
              notebook: notebook === undefined ? undefined : number(notebook),
            })
            : answerLater}
        </p>
      </details>
    </section>
  );
}

function Files() {
  const { data, privacy } = texts.value;
  const begun = beginning.value;
  if (!begun) return null;
  const nameOf = ({ choice, name }: { choice: TextChoice; name: string }) => {
    const { choices } = data;
    return choice === "practice" ? choices.practice : choices[choice](name);
  };
  const name = address.value.stage;
  const isRun = progress.value !== undefined && progress.value.status !== "file";
  const text = begun.texts.find(({ choice }) => choice === textChoice.value)!;
  const { folder, command } = resumption(stage.value!, begun.stages[name], text);
  return (
    <section aria-labelledby="files">
      <h2 id="files">{data.title}</h2>
      <div class="files">
        <div>
          <label>
            <span>{data.text}</span>
            <select
              name="text"
              value={textChoice.value}
              onChange={(event) => void chooseText(event.currentTarget.value as TextChoice)}
            >
              {begun.texts.map((one) => (
                <option key={one.choice} value={one.choice}>{nameOf(one)}</option>
              ))}
            </select>
          </label>
          <label class="drop">
            <span>{data.drop}</span>
            <input
              type="file"
              accept=".txt,.safetensors,text/plain"
              onChange={(event) => {
                const [file] = event.currentTarget.files ?? [];
                if (file) void openFile(file);
                event.currentTarget.value = "";
              }}
            />
          </label>
          <p class="note">{data.openNote} {privacy}</p>
        </div>
        <div>
          <h3>{data.save}</h3>
          <ul class="saves">
            {["losses.csv", "samples.csv", "checkpoint.safetensors", "final.safetensors"].map(
              (file) => (
                <li key={file}>
                  <button type="button" disabled={!isRun} onClick={() => void save(file)}>
                    {file}
                  </button>
                </li>
              ),
            )}
          </ul>
          <p class="note">
            {data.saveNote(folder)}
            <Command text={command} />
          </p>
          <p class="note">{begun.keeps ? data.keeps : data.keepsNot}</p>
          <CopyLink />
        </div>
      </div>
    </section>
  );
}

/** A command that breaks between its words alone: not behind the dashes of a flag. */
function Command({ text }: { text: string }) {
  return (
    <code>
      {text.split(" ").map((
        word,
        i,
      ) => [i > 0 ? " " : "", <span key={i} class="word">{word}</span>])}
    </code>
  );
}

function CopyLink() {
  const { link, copied } = texts.value;
  const [isCopied, setCopied] = useState(false);
  return (
    <p>
      <button
        type="button"
        onClick={async () => {
          await navigator.clipboard.writeText(location.href);
          setCopied(true);
          setTimeout(() => setCopied(false), 3000);
        }}
      >
        {link}
      </button>{" "}
      <span role="status">{isCopied ? copied : ""}</span>
    </p>
  );
}

function Onward() {
  const name = stageNames[stageNames.indexOf(address.value.stage) + 1];
  if (!name) return null;
  const { nextStage, stages } = texts.value;
  return (
    <p class="onward">
      <StageLink name={name}>{nextStage(stages[name].title)}</StageLink>
    </p>
  );
}

function Message() {
  const told = message.value;
  return (
    <div class="message" role="alert">
      {told ? <p class={told.isError ? "error" : "good"}>{told.say(texts.value)}</p> : null}
    </div>
  );
}

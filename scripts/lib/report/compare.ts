/**
 * Two results folders side by side, for questions that begin with "what if".
 *
 * @module
 */
import { type StageName, stages } from "@hugo-lab/model";
import { curves, points, type Series, SHORTEST_SECONDS, withCurves } from "./curves.ts";
import { type Block, paragraph, type Report, type Section, type Table } from "./document.ts";
import { WIDTH } from "./draw.ts";
import { type Findings, modelOf, settingsOf } from "./gather.ts";
import type { Run } from "./runs.ts";
import { differences, type Settings, sizesIn, tellDifferences } from "./settings.ts";
import { countParameters, NOTHING, showDifference, showLoss, showSeconds } from "./tables.ts";
import { visible } from "./text.ts";

/** The same run in two folders; either may lack it. */
type Pair = [Run | undefined, Run | undefined];

/** The report on two folders. */
export function compareFindings(both: [Findings, Findings]): Report {
  const names = Object.keys(stages) as StageName[];
  const sections = names.filter((name) => both.every(({ runs }) => runs.get(name)!.length > 0))
    .map((name) => stageSection(both, name));
  const [a, b] = both.map(({ folder }) => ({ code: folder }));
  return {
    title: "The Hugo lab: two folders compared",
    summary: [
      "A is ",
      a,
      ", B is ",
      b,
      "; the difference is B less A, where both end at the same step.",
    ],
    sections: [
      {
        id: "results",
        title: "Results",
        short: "Results",
        blocks: [
          resultTable(both, names),
          paragraph("Below are the stages that were run in both."),
        ],
      },
      ...sections,
    ],
  };
}

/** A stage's runs, each with the one of the same title in the other folder. */
function pairsOf(both: [Findings, Findings], name: StageName): Map<string, Pair> {
  const pairs = new Map<string, Pair>();
  both.forEach(({ runs }, i) => {
    for (const run of runs.get(name)!) {
      if (!pairs.has(run.title)) pairs.set(run.title, [undefined, undefined]);
      pairs.get(run.title)![i] = run;
    }
  });
  return pairs;
}

/** The last evaluations. */
function resultTable(both: [Findings, Findings], names: StageName[]): Table {
  const rows = names.flatMap((name) =>
    [...pairsOf(both, name)].map(([title, pair]) => {
      const [a, b] = pair.map((run) => run?.losses.at(-1));
      return [
        title,
        ...pair.map((run) => String(run?.losses.at(-1)?.step ?? NOTHING)),
        ...(["trainLoss", "valLoss"] as const).flatMap((key) => [
          showLoss(a?.[key]),
          showLoss(b?.[key]),
          a?.step === b?.step ? showDifference(b?.[key], a?.[key]) : NOTHING,
        ]),
        ...pair.map((run) => showSeconds(run && [...run.seconds.values()].at(-1))),
      ];
    })
  );
  const two = (what: string) => [`${what}, A`, `${what}, B`];
  return {
    kind: "table",
    caption: "The last evaluations, in nats a character",
    columns: [
      "stage",
      ...two("last step"),
      ...two("train loss"),
      "difference",
      ...two("validation loss"),
      "difference",
      ...two("time"),
    ],
    textColumns: 1,
    rows,
  };
}

/** One stage in both folders. */
function stageSection(both: [Findings, Findings], name: StageName): Section {
  const blocks: Block[] = both.map((findings, i) => {
    const { config } = modelOf(findings, name);
    return paragraph(
      `${"AB"[i]}: ${countParameters(findings, name)} parameters.${sizesIn(config)}`,
    );
  });
  blocks.push(paragraph(whatDiffers(both, name)));
  for (const [title, pair] of pairsOf(both, name)) {
    if (!pair.every((run) => run)) continue;
    blocks.push({
      kind: "figures",
      size: "half",
      figures: withCurves(
        against(pair).map((against) =>
          curves(`${title}: loss against ${against}`, seriesOf(pair, against), against, WIDTH.half)
        ),
      ),
    }, {
      kind: "samples",
      samples: pair.flatMap((run, i) =>
        run?.sample === undefined
          ? []
          : [{ title: `${title}: sample of ${"AB"[i]}`, text: visible(run.sample) }]
      ),
    });
  }
  return { id: name, title: name, short: name, blocks };
}

/** Seconds tell something only of runs that took some. */
function against(pair: Pair): ("iterations" | "seconds")[] {
  const isShort = pair.some((run) => ([...run!.seconds.values()].at(-1) ?? 0) < SHORTEST_SECONDS);
  return isShort ? ["iterations"] : ["iterations", "seconds"];
}

/** Every setting that differs, and whether all are known. */
function whatDiffers(both: [Findings, Findings], name: StageName): string {
  const [a, b] = both.map((findings): Settings => ({
    ...modelOf(findings, name).config,
    ...settingsOf(findings, name),
  }));
  const found = differences(a, b);
  const told = found.length === 0
    ? "A and B differ in no setting that is known here."
    : `A and B differ in: ${tellDifferences(found, "B")}.`;
  const unknown = both.flatMap(({ settings }, i) => settings.has(name) ? [] : ["AB"[i]]);
  return unknown.length === 0
    ? told
    : `${told} Seed, rate and batch of ${unknown.join(" and ")} are not known here: they are in ` +
      "the checkpoint, which is not kept in git.";
}

function seriesOf(pair: Pair, against: "iterations" | "seconds"): Series[] {
  return pair.flatMap((run, i) =>
    run
      ? [
        {
          label: `${"AB"[i]}, train`,
          className: `c${i + 1}`,
          points: points(run, "trainLoss", against),
        },
        {
          label: `${"AB"[i]}, validation`,
          className: `c${i + 1} dashed`,
          points: points(run, "valLoss", against),
        },
      ]
      : []
  );
}

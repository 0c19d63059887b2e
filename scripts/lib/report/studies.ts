/**
 * The section of studies: validation against what was varied, with a power law where sizes were, and
 * what seeds alone make of it.
 *
 * @module
 */
import { shippedStudies } from "../study/shipped.ts";
import { bySetting, deviation, mean } from "../study/tables.ts";
import { countOf } from "../task/lines.ts";
import { SHORTEST_SECONDS } from "./curves.ts";
import {
  type Block,
  details,
  type Figure,
  type Inline,
  paragraph,
  type Section,
} from "./document.ts";
import { WIDTH } from "./draw.ts";
import { powerLaw, tellLaw } from "./fit.ts";
import { type Dots, scatter, strips } from "./scatter.ts";
import type { Studies, StudyRun } from "./study_files.ts";
import { NOTHING, showSeconds } from "./tables.ts";

/** So many seeds make a strip, and a picture has so many of them. */
const [FEWEST_SEEDS, MOST_STRIPS] = [3, 24];
const LOSS = "lowest validation loss (nats)";

/** Runs that differ by their seeds alone. */
interface Group {
  /** Its stage, and what the study's others have otherwise. */
  title: string;
  runs: StudyRun[];
}

/** The section, if there is a study. */
export function studiesSection(studies: Studies): Section[] {
  if (studies.size === 0) return [];
  const blocks = [...studies].flatMap(([name, runs]) => study(name, runs));
  return [{
    id: "studies",
    title: "Studies: what a figure depends on",
    short: "Studies",
    blocks,
  }];
}

function study(name: string, all: StudyRun[]): Block[] {
  const runs = all.filter(({ bestLoss, valLoss }) =>
    Number.isFinite(bestLoss) && Number.isFinite(valLoss)
  );
  const groups = groupsOf(runs);
  const laws: string[] = [];
  const figures = [
    ...againstParameters(name, runs, laws),
    ...againstSeconds(name, runs),
    ...againstSettings(name, runs),
    ...bySeeds(name, groups),
  ];
  const about = shippedStudies.find(([shipped]) => shipped === name)?.[1];
  const law = laws.length === 0 ? [] : [
    paragraph(
      `Fitted by least squares on the logarithms, N being the parameters: ${laws.join("; ")}. ` +
        "R² is the share of the variance that the line explains.",
    ),
  ];
  const told: Inline = [
    "The study ",
    { code: name },
    `${about === undefined ? "" : `, ${about}`}: ${countOf(runs.length, "run")} of ${
      countOf(groups.length, "setting")
    }.`,
  ];
  return [
    paragraph(...told),
    ...figures.length > 0 ? [{ kind: "figures" as const, size: "half" as const, figures }] : [],
    ...law,
    ...details(`All settings of ${name}`, meansTable(name, groups)),
  ];
}

/** Flags that are not the same in all runs. */
function differingFlags(runs: StudyRun[]): string[] {
  const flags = new Set(runs.flatMap(({ settings }) => Object.keys(settings)));
  return [...flags].filter((flag) =>
    runs.some(({ settings }) => settings[flag] !== runs[0].settings[flag])
  );
}

function titleOf({ stage, settings }: StudyRun, flags: string[]): string {
  const told = flags.filter((flag) => flag in settings);
  return [stage, ...told.map((flag) => `${flag} ${settings[flag]}`)].join(", ");
}

function groupsOf(runs: StudyRun[]): Group[] {
  const flags = differingFlags(runs);
  return bySetting(runs, ({ stage, settings }) => ({ stage, flags: settings }))
    .map((group) => ({ title: titleOf(group[0], flags), runs: group }));
}

function tell(run: StudyRun, flags: string[]): string {
  return `${titleOf(run, flags)}, seed ${run.seed}: ${run.bestLoss.toFixed(4)}`;
}

/** Validation against parameters, a line and its law for each stage that has three sizes. */
function againstParameters(name: string, runs: StudyRun[], laws: string[]): Figure[] {
  if (new Set(runs.map(({ parameters }) => parameters)).size < 3) return [];
  const flags = differingFlags(runs);
  const series = [...Map.groupBy(runs, ({ stage }) => stage)].map(([stage, group]): Dots => {
    const points = group.map((run) => ({
      x: run.parameters,
      y: run.bestLoss,
      text: tell(run, flags),
    }));
    const law = powerLaw(points);
    if (!law) return { label: stage, points };
    laws.push(`${stage}: ${tellLaw(law, "N")}`);
    const ends = [Math.min, Math.max].map((pick) => pick(...points.map(({ x }) => x)));
    const line = ends.map((x) => ({ x, y: law.factor * x ** law.exponent }));
    return { label: stage, points, line };
  });
  const axes = { x: { label: "parameters", isLog: true }, y: { label: LOSS, isLog: true } };
  return [scatter(`${name}: validation against parameters`, series, axes, WIDTH.half)];
}

/** Validation against the time that a run took. */
function againstSeconds(name: string, runs: StudyRun[]): Figure[] {
  const timed = runs.filter(({ seconds = 0 }) => seconds >= SHORTEST_SECONDS);
  if (groupsOf(timed).length < 3) return [];
  const flags = differingFlags(runs);
  const series = [...Map.groupBy(timed, ({ stage }) => stage)].map(([label, group]): Dots => ({
    label,
    points: group.map((run) => ({
      x: run.seconds!,
      y: run.bestLoss,
      text: `${tell(run, flags)} in ${run.seconds!.toFixed(1)} s`,
    })),
  }));
  const axes = { x: { label: "seconds", isLog: true }, y: { label: LOSS } };
  return [scatter(`${name}: validation against seconds`, series, axes, WIDTH.half)];
}

/** Validation against each number that was varied with all else the same. */
function againstSettings(name: string, runs: StudyRun[]): Figure[] {
  const flags = differingFlags(runs);
  return flags.flatMap((flag) => {
    const numbered = runs.filter(({ settings }) => Number.isFinite(Number(settings[flag] ?? NaN)));
    const without = ({ stage, settings: { [flag]: _, ...rest } }: StudyRun) =>
      titleOf({ stage, settings: rest } as StudyRun, flags);
    const lines = [...Map.groupBy(numbered, without)]
      .filter(([, group]) => new Set(group.map(({ settings }) => settings[flag])).size > 1);
    const isSize = new Set(numbered.map(({ parameters }) => parameters)).size > 1;
    if (lines.length === 0 || isSize && lines.length === 1) return []; // parameters tell it
    const series = lines.map(([label, group]): Dots => {
      const points = group.map((run) => ({
        x: Number(run.settings[flag]),
        y: run.bestLoss,
        text: tell(run, flags),
      }));
      const means = [...Map.groupBy(points, ({ x }) => x)]
        .map(([x, at]) => ({ x, y: mean(at.map(({ y }) => y)) }))
        .sort((a, b) => a.x - b.x);
      return { label, points, line: means };
    });
    const axes = { x: { label: flag }, y: { label: LOSS } };
    return [scatter(`${name}: validation against ${flag}`, series, axes, WIDTH.half)];
  });
}

/** Each setting's last losses, a dot a seed. */
function bySeeds(name: string, groups: Group[]): Figure[] {
  const rows = groups.filter(({ runs }) => runs.length >= FEWEST_SEEDS).slice(0, MOST_STRIPS)
    .map(({ title, runs }) => ({
      label: title,
      values: runs.map(({ seed, valLoss }) => ({
        value: valLoss,
        text: `${title}, seed ${seed}: ${valLoss.toFixed(4)}`,
      })),
      ...spread(runs.map(({ valLoss }) => valLoss)),
    }));
  if (rows.length === 0) return [];
  const axis = { label: "last validation loss (nats)" };
  return [strips(`${name}: what the seed alone changes`, rows, axis, WIDTH.half)];
}

function spread(values: number[]): { mean: number; deviation?: number } {
  return { mean: mean(values), deviation: deviation(values) };
}

function meansTable(name: string, groups: Group[]): Block {
  const shown = (values: number[]) => {
    const { mean, deviation } = spread(values);
    return [mean.toFixed(4), deviation?.toFixed(4) ?? NOTHING];
  };
  return {
    kind: "table",
    caption: `${name}: means over the seeds`,
    columns: ["setting", "parameters", "runs", "lowest", "±", "last", "± of the last", "time"],
    textColumns: 1,
    rows: groups.map(({ title, runs }) => {
      const times = runs.flatMap(({ seconds }) => seconds === undefined ? [] : [seconds]);
      return [
        title,
        runs[0].parameters.toLocaleString("en"),
        String(runs.length),
        ...shown(runs.map(({ bestLoss }) => bestLoss)),
        ...shown(runs.map(({ valLoss }) => valLoss)),
        showSeconds(times.length > 0 ? mean(times) : undefined),
      ];
    }),
  };
}

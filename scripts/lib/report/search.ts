/**
 * The section of the search for a configuration: what each change brought.
 *
 * @module
 */
import { deviation, mean } from "../study/tables.ts";
import { type Block, details, paragraph, type Section, type Table } from "./document.ts";
import { WIDTH } from "./draw.ts";
import { type Dots, scatter, strips } from "./scatter.ts";
import type { Search, Try } from "./search_file.ts";
import { NOTHING, showDifference, showLoss } from "./tables.ts";
import { cut } from "./text.ts";

const LONGEST_CHANGE = 60;

/** The section, if there was a search. */
export function searchSection(search: Search): Section[] {
  if (search.length === 0) return [];
  return [{
    id: "search",
    title: "The search for scaled's presets",
    short: "Search",
    blocks: [
      paragraph(
        "This is the lab's own search, on a GPU (",
        { code: "scripts/lib/study/search/README.md" },
        "). Each change was tried on its base, with the same time. What it brings is the lowest " +
          "validation loss less that of the base: left of zero is better. A dot is a run, the bar " +
          "the mean over the seeds and the line a deviation to each side.",
      ),
      { kind: "figures", size: "half", figures: [...differences(search), ...sizes(search)] },
      ...details("All runs of the search", table(search)),
    ],
  }];
}

/** The mean best loss of a base with the same budget. */
function baseLoss(search: Search, { base, budget }: Try): number | undefined {
  const runs = search.filter((one) => one.change === base && one.budget === budget);
  return runs.length > 0 ? mean(runs.map(({ bestLoss }) => bestLoss)) : undefined;
}

/** A picture for each base and budget, the changes sorted by what they bring. */
function differences(search: Search) {
  const changes = search.filter(({ base }) => base !== undefined);
  const pictures = Map.groupBy(changes, ({ base, budget }) => JSON.stringify([base, budget]));
  return [...pictures.values()].flatMap((group) => {
    const reference = baseLoss(search, group[0]);
    if (reference === undefined) return []; // the base had another budget
    const { base, budget } = group[0];
    const rows = [...Map.groupBy(group, ({ change }) => change)].map(([change, runs]) => {
      const values = runs.map(({ bestLoss, numbers: { seed } }) => ({
        value: bestLoss - reference,
        text: `${change}${seed === undefined ? "" : `, seed ${seed}`}: ${bestLoss.toFixed(4)} ` +
          `(${showDifference(bestLoss, reference)})`,
      }));
      const all = values.map(({ value }) => value);
      return { label: change, values, mean: mean(all), deviation: deviation(all) };
    }).sort((a, b) => a.mean - b.mean);
    const time = budget === "" ? "" : `, ${budget} s each`;
    const title = `Changes of “${cut(base!, LONGEST_CHANGE).replaceAll("␣", " ")}”${time}`;
    const axis = {
      label: "difference of the validation loss (nats)",
      zero: `${base} ${reference.toFixed(3)}`,
    };
    return [strips(title, rows, axis, WIDTH.half)];
  });
}

/** All runs against their parameters, a colour a budget. */
function sizes(search: Search) {
  const sized = search.filter(({ numbers }) => (numbers.parameters ?? 0) > 0);
  if (new Set(sized.map(({ numbers }) => numbers.parameters)).size < 3) return [];
  const series = [...Map.groupBy(sized, ({ budget }) => budget)].map(([budget, runs]): Dots => ({
    label: budget === "" ? "all runs" : `${budget} s`,
    points: runs.map(({ change, bestLoss, numbers }) => ({
      x: numbers.parameters!,
      y: bestLoss,
      text: `${change}: ${bestLoss.toFixed(4)}`,
    })),
  }));
  const axes = {
    x: { label: "parameters", isLog: true },
    y: { label: "lowest validation loss (nats)" },
  };
  return [scatter("The search: validation against parameters", series, axes, WIDTH.half)];
}

function table(search: Search): Table & Block {
  const whole = (value: number | undefined) => value?.toLocaleString("en") ?? NOTHING;
  return {
    kind: "table",
    caption: "The search, run by run",
    columns: [
      "change",
      "of",
      "seed",
      "parameters",
      "steps",
      "budget (s)",
      "lowest",
      "difference",
      "after (s)",
      "last",
      "training",
    ],
    textColumns: 2,
    rows: search.map((one) => {
      const { change, base, numbers, bestLoss } = one;
      return [
        cut(change, LONGEST_CHANGE).replaceAll("␣", " "),
        base === undefined ? NOTHING : cut(base).replaceAll("␣", " "),
        numbers.seed === undefined ? NOTHING : String(numbers.seed),
        whole(numbers.parameters),
        whole(numbers.steps),
        whole(numbers.budget_seconds),
        showLoss(bestLoss),
        base === undefined ? NOTHING : showDifference(bestLoss, baseLoss(search, one)),
        whole(numbers.best_seconds),
        showLoss(numbers.last_val_loss),
        showLoss(numbers.last_train_loss),
      ];
    }),
  };
}

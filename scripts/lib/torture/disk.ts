/**
 * Disks that are full, read-only or gone: one clear line, no half-written file, and once there is
 * room the run goes on to the undisturbed bytes.
 *
 * @module
 */
import { typed } from "../task/command.ts";
import { type Case, Dice, type Job, runCases } from "./job.ts";
import { differences, excerpt, filesIn, halfWritten, judge } from "./judge.ts";
import { Process, run } from "./process.ts";
import type { Fault } from "./tally.ts";
import { others, outcome, prepare, trainings, undisturbed, type Work } from "./works.ts";

const TRIES = { quick: 8, whole: 80 };

/** A way to take the disk away. */
interface Trouble {
  name: string;
  /** The shell command that runs the task. */
  shell?: (size: number) => string;
  /** The sizes between which one is chosen. */
  sizes?: [number, number];
  /** Whether the folder is removed at a random moment. */
  vanishes?: boolean;
}

/** A small file system of one's own, and what is on it in the end brought out of it. */
const onSmallDisk = (mount: string) =>
  `unshare -rm sh -c '${mount}; "$@"; code=$?; cp -a results/. kept; exit $code' sh "$@"`;

const troubles: Trouble[] = [
  {
    // Kilobytes; more than that raises a signal, which is ignored so that writing gives an error.
    name: "files may have so many blocks",
    shell: (blocks) => `trap '' XFSZ; ulimit -f ${blocks}; exec "$@"`,
    sizes: [0, 400],
  },
  {
    name: "the disk has room for so many kilobytes",
    shell: (size) =>
      "mkdir -p kept results; " + onSmallDisk(
        "mkdir old; cp -a results/. old; " +
          `size=$((${size} + $(du -sk old | cut -f 1))); ` +
          "mount -t tmpfs -o size=${size}k tmpfs results; cp -a old/. results",
      ) + "; code=$?; rm -rf results old; mv kept results; exit $code",
    sizes: [4, 600],
  },
  {
    name: "the folder is read-only",
    shell: () =>
      "mkdir -p kept results; " + onSmallDisk(
        "mount --bind results results; mount -o remount,ro,bind results",
      ) + "; code=$?; rm -rf kept; exit $code",
  },
  { name: "the folder vanishes", vanishes: true },
];

/** The class. */
export async function disk(job: Job): Promise<void> {
  const mayMount = await run("stats", ["--help"], {
    cwd: Deno.cwd(),
    shell: "unshare -rm mount -t tmpfs tmpfs /mnt",
  }).then(({ code }) => code === 0);
  if (!mayMount) console.error("disk: no disks of one's own here: file sizes are limited instead");
  const usable = troubles.filter(({ shell }) => mayMount || !/unshare/.test(shell?.(1) ?? ""));
  const count = job.quick ? TRIES.quick : TRIES.whole;
  const cases: Case[] = Array.from({ length: count }, (_, i) => (dice, folder) => {
    const work = dice.pick([...trainings.slice(0, 7), ...others]);
    return troubled(work, usable[i % usable.length], dice, folder);
  });
  await runCases(job, cases);
}

/** Takes a folder away whole: removed file by file, it could be written to meanwhile. */
async function vanishAtOnce(path: string): Promise<void> {
  try {
    await Deno.rename(path, `${path}.gone`);
    await Deno.remove(`${path}.gone`, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error; // it was not there yet
  }
}

async function troubled(work: Work, trouble: Trouble, dice: Dice, folder: string) {
  const { task, args, resumes } = work;
  const right = await undisturbed(work);
  await prepare(work, folder);
  const [low, high] = trouble.sizes ?? [0, 0];
  const size = Math.round(dice.between(low, high));
  const process = new Process(task, args, { cwd: folder, shell: trouble.shell?.(size) });
  const moment = dice.between(0.2, 1) * right.ms;
  let vanishing: Promise<void> | undefined;
  const vanish = () => {
    vanishing = vanishAtOnce(`${folder}/results`);
  };
  const timer = trouble.vanishes ? setTimeout(vanish, moment) : undefined;
  const end = await process.end;
  clearTimeout(timer);
  await vanishing;
  const faults: Fault[] = [...judge(end), ...await halfWritten(`${folder}/results`)];
  // A folder that vanished behind the last file is nobody's fault; one that came back is to be whole.
  const isThere = !trouble.vanishes || filesIn(`${folder}/${work.place}`).length > 0;
  if (end.code === 0 && isThere) {
    faults.push(...differences(await outcome(work, folder), right.outcome));
  }
  if (end.code !== 0 && !trouble.vanishes) {
    const flags = resumes ? [...args, "--resume"] : args;
    const again = await run(task, flags, { cwd: folder });
    if (again.code !== 0) {
      faults.push({ column: "lost", what: `cannot go on with room: ${excerpt(again.err)}` });
    } else if (task !== "generate") { // whose earlier rows stay
      faults.push(...differences(await outcome(work, folder), right.outcome));
    }
    faults.push(...await halfWritten(`${folder}/results`));
  }
  const what = trouble.vanishes
    ? ` after ${Math.round(moment)} ms`
    : trouble.sizes
    ? ` ${size}`
    : "";
  const told = faults.map(({ column, what }) => ({ column, what: `${trouble.name}: ${what}` }));
  return { how: `${typed(task, args)}: ${trouble.name}${what}`, faults: told };
}

/** A task without one of its permissions ends with one line that names what it needed, or does without. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import { test } from "./lib/needs.ts";
import { inFolder, withoutDownloads } from "./lib/tasks.ts";

const root = new URL("..", import.meta.url);
const SHORT = ["--iters=1", "--eval-iters=1", "--sample-length=1", "--quiet"];
const TEXT = "--corpus=data/practice_corpus.txt";

const RESULTS = "--results=FOLDER";

/** Tasks with the least that they can be asked for; each leaves what the later ones read. */
const commands: [task: keyof typeof config.tasks, ...args: string[]][] = [
  ["stats", TEXT, RESULTS],
  ["attention", RESULTS],
  ["bigram", TEXT, ...SHORT, RESULTS],
  ["multi_head", TEXT, ...SHORT, RESULTS],
  ["scaled", "--preset=quick", TEXT, ...SHORT, RESULTS],
  ["generate", "multi_head", "--length=1", RESULTS],
  ["report", TEXT, RESULTS],
  ["export", "multi_head", RESULTS, "--to=FOLDER/export"],
  ["study", "FOLDER/study.json", TEXT, RESULTS, "--quick"],
  ["exercise", "stats", "--to=FOLDER/exercise", "--force"],
  ["exercise", "hint", "stats", "--from=FOLDER/exercise"],
  ["exercise", "check", "--class=FOLDER/class", "stats", "--seconds=20"],
];

/** What some of them read besides what others leave. */
const FILES = {
  "study.json": `{ "runs": [{ "stage": "single_head", "seeds": [1] }] }`,
  "class/Léa/stats.ts": "export const nothing = 0;",
};

/** What `deno.json` has a task started with. */
function wordsOf(task: keyof typeof config.tasks): string[] {
  const { command } = config.tasks[task];
  const words = command.split(" ");
  return words.slice(words.indexOf("deno") + 1);
}

test(
  "a task that lacks a permission says which in one line",
  ["read", "write", "run"],
  () =>
    inFolder(async (folder) => {
      let refused = 0;
      for (const [name, text] of Object.entries(FILES)) {
        const path = `${folder}/${name}`;
        await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
        await Deno.writeTextFile(path, text);
      }
      for (const [task, ...args] of commands) {
        const words = wordsOf(task);
        const run = async (left: string[]) => {
          const all = [...left, ...args.map((arg) => arg.replace("FOLDER", folder))];
          const env = { NO_COLOR: "1", LD_LIBRARY_PATH: "", LD_PRELOAD: "" };
          const options = { args: all, cwd: root, env };
          const { code, stderr } = await new Deno.Command("deno", options).output();
          return { code, err: withoutDownloads(new TextDecoder().decode(stderr)) };
        };
        for (const permission of words.filter((word) => word.startsWith("--allow-"))) {
          const { code, err } = await run(words.filter((word) => word !== permission));
          if (code === 0) continue; // it has another way, such as a limit that it cannot ask for
          const lines = err.trim().split("\n").filter((line) => line.startsWith("error: "));
          assertEquals([code, lines.length], [2, 1], `${task} without ${permission}: ${err}`);
          assertMatch(lines[0], /Requires (read|write|net|sys|run) access/);
          assert(!/run again with|^\s+at /m.test(err), err);
          refused++;
        }
        assertEquals((await run(words)).code, 0, task); // for those that come after it
      }
      assert(refused >= 2 * (commands.length - 1), `${refused} were refused`);
    }),
);

Deno.test("a task that may start some programs only has no loader's variables to hand on", () => {
  for (const [name, { command }] of Object.entries(config.tasks)) {
    const isLimited = command.includes("--allow-run=");
    assertEquals(command.startsWith("LD_LIBRARY_PATH= LD_PRELOAD= "), isLimited, name);
  }
});

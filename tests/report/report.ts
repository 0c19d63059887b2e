/** The report's files: what they hold, and what they do with files that are wrong or mean harm. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { parseHTML } from "../../scripts/lib/report/packages.ts";
import { corpusFromBytes, stages, UserError, Vocabulary } from "@hugo-lab/model";
import { diagram } from "../../scripts/lib/report/diagram.ts";
import { paragraph } from "../../scripts/lib/report/document.ts";
import { gather } from "../../scripts/lib/report/gather.ts";
import { writeSections } from "../../scripts/lib/report/sections.ts";
import { toHtml } from "../../scripts/lib/report/html.ts";
import { toMarkdown } from "../../scripts/lib/report/markdown.ts";
import { notebook, readRuns } from "../../scripts/lib/report/runs.ts";
import { showDifference } from "../../scripts/lib/report/tables.ts";
import { countedPairs, label, visible } from "../../scripts/lib/report/text.ts";
import { readWeights } from "../../scripts/lib/report/weights.ts";
import { test } from "../lib/needs.ts";
import { writeAll, writeCsv, writeRun } from "../lib/report_results.ts";
import { inFolder, type Outcome, task } from "../lib/tasks.ts";

const TEXT = "Le vent, la mer et l'été.\nOù va la barque ? 12\n".repeat(40);
/** Would run, break out or turn the page's order if it were not escaped. */
const HOSTILE = "</pre><script>document.title='run'</script><img src=x onerror=alert(1)>" +
  "\"'`|*_```\n~~~\n# no\u0000\u001b[31m\u202egnp\u2066\ud800";

const report = (...args: string[]): Promise<Outcome> => task("report", ...args);

/** The page's tables by caption: rows of cells, headings among them. */
function tablesOf(page: string): Map<string, string[][]> {
  const { document } = parseHTML(page) as unknown as { document: Queried };
  return new Map(
    [...document.querySelectorAll("table")].map((table) => [
      table.querySelector("caption")!.textContent,
      [...table.querySelectorAll("tr")].map((row) =>
        [...row.querySelectorAll("th,td")].map((cell) => cell.textContent)
      ),
    ]),
  );
}

interface Queried {
  textContent: string;
  querySelector(selector: string): Queried | null;
  querySelectorAll(selector: string): Iterable<Queried>;
}

const needs = ["read", "write", "run"] as const;

test(
  "report writes a page and Markdown of every stage",
  [...needs],
  () =>
    inFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/text.txt`, TEXT);
      await writeAll(folder, TEXT);
      const args = [`--results=${folder}`, `--corpus=${folder}/text.txt`];
      const { code, out, err } = await report(...args);
      assertEquals([code, out, err], [0, `${folder}/report.html\n`, ""]);
      const page = await Deno.readTextFile(`${folder}/report.html`);
      const markdown = await Deno.readTextFile(`${folder}/report.md`);
      const { document } = parseHTML(page) as unknown as { document: Queried };
      const titles = [...document.querySelectorAll("figcaption")].map((f) => f.textContent);
      for (const name of Object.keys(stages)) {
        assertStringIncludes(markdown, `## ${name}: `);
        assert(titles.includes(`${name}: the architecture`), name);
        if (name === "bigram") continue;
        assert(titles.includes(`${name}: loss against seconds`), name);
        assert(titles.includes(`${name}: what the characters mean to the model`), name);
      }
      assert(titles.includes("What follows what, as bigram learned it"));
      assert(titles.includes("block 2, head 2"));
      const pictures = [...document.querySelectorAll("svg")];
      const named = [...document.querySelectorAll("svg[role=img] > title:first-child + desc")];
      assertEquals(named.length, pictures.length);
      const rows = tablesOf(page).get("multi_head: every evaluation")!;
      assertEquals(rows.slice(1).map((row) => [row[0], row[1], row[7]]), [
        ["0", "4.5000", "0.5"],
        ["100", "2.2500", "1.5"],
        ["200", "1.5000", "2.5"],
      ]);
    }),
);

test(
  "numbers come from the CSV files, beside the notebook's",
  [...needs],
  () =>
    inFolder(async (folder) => {
      const losses = notebook.runs.multi_head.losses.map((row) => [
        row.step,
        row.trainLoss + 0.01,
        row.valLoss,
      ]);
      await writeCsv(folder, "multi_head/losses", ["step", "train_loss", "val_loss"], losses);
      await writeCsv(folder, "multi_head/samples", ["step", "prompt", "text"], [[
        4999,
        "a",
        "abc",
      ]]);
      assertEquals((await report(`--results=${folder}`)).code, 0);
      const tables = tablesOf(await Deno.readTextFile(`${folder}/report.html`));
      const [, ...results] = tables.get("The last evaluation of every stage, in nats a character")!;
      const row = results.find(([title]) => title === "multi_head")!;
      assertEquals(row.slice(2), [
        "4999",
        "2.1661",
        "2.1561",
        "+0.0100",
        "2.1703",
        "2.1703",
        "0.0000",
        "–",
      ]);
      assertEquals(tables.get("multi_head: every evaluation")!.length, 12);
    }),
);

test(
  "an empty folder gives a report that names every task to run",
  [...needs],
  () =>
    inFolder(async (folder) => {
      assertEquals((await report(`--results=${folder}`)).code, 0);
      const page = await Deno.readTextFile(`${folder}/report.html`);
      for (const name of ["stats", "split", "attention", ...Object.keys(stages)]) {
        assertStringIncludes(page, `<code>deno task ${name}</code>`);
      }
    }),
);

test(
  "a half-finished run shows its rows so far, without an older run's sample",
  [...needs],
  () =>
    inFolder(async (folder) => {
      await writeRun(folder, "multi_head", { evaluations: 4, sample: "OLDER" });
      const rows = [[0, 4.5, 4.6], [100, 3, 3.1]];
      await writeCsv(folder, "multi_head/losses", ["step", "train_loss", "val_loss"], rows);
      assertEquals((await report(`--results=${folder}`)).code, 0);
      const page = await Deno.readTextFile(`${folder}/report.html`);
      assertStringIncludes(page, "multi_head has not come to its end");
      assertStringIncludes(page, "100, unfinished");
      assert(!page.includes("OLDER"));
    }),
);

test(
  "weights that are not there are named with the command that makes them",
  [...needs],
  () =>
    inFolder(async (folder) => {
      await writeRun(folder, "blocks");
      assertEquals((await report(`--results=${folder}`)).code, 0);
      const markdown = await Deno.readTextFile(`${folder}/report.md`);
      assertMatch(markdown, /pictures of the weights.*`deno task blocks`/);
    }),
);

test(
  "weights of another run than the folder's last one are named and not shown",
  [...needs],
  () =>
    inFolder(async (folder) => {
      await writeRun(folder, "single_head", { letters: TEXT });
      const text = "final.safetensors is not used: it is of another run";
      const markdown = async () => {
        assertEquals((await report(`--results=${folder}`, "--prompt=la mer")).code, 0);
        return await Deno.readTextFile(`${folder}/report.md`);
      };
      assert(!(await markdown()).includes(text));
      const later = Date.now() / 1000 + 60;
      await Deno.utime(`${folder}/single_head/losses.csv`, later, later); // times tell nothing
      assert(!(await markdown()).includes(text));
      const run = { id: "another", stage: "single_head", started: "2026-01-31T12:00:00.000Z" };
      await Deno.writeTextFile(`${folder}/single_head/identity.json`, JSON.stringify(run));
      assertStringIncludes(await markdown(), text);
    }),
);

test("attention is shown on the prompt, and a prompt of other characters is refused", [
  ...needs,
], () =>
  inFolder(async (folder) => {
    await writeRun(folder, "single_head", { letters: TEXT });
    assertEquals((await report(`--results=${folder}`, "--prompt=la mer")).code, 0);
    assertStringIncludes(await Deno.readTextFile(`${folder}/report.md`), "`la␣mer`");
    const { code, err } = await report(`--results=${folder}`, "--prompt=漢");
    assertEquals(code, 2);
    assertStringIncludes(err, '--prompt: the character "漢"');
  }));

const HEAD = "step,train_loss,val_loss\r\n";
const damages: [what: string, path: string, text: string | Uint8Array<ArrayBuffer>][] = [
  ["an open quote", "multi_head/losses.csv", 'step,train_loss,val_loss\r\n0,"1,2\r\n'],
  ["a missing column", "multi_head/losses.csv", "step,train_loss\r\n0,1\r\n"],
  ["a cut row", "multi_head/losses.csv", "step,train_loss,val_loss\r\n0,1\r\n"],
  ["half a number", "multi_head/losses.csv", `${HEAD}0,4.500000,4.600000\r\n500,1.950123,1.95`],
  [
    "a short number",
    "multi_head/losses.csv",
    `${HEAD}0,4.500000,4.600000\r\n500,1.95,1.950123\r\n`,
  ],
  ["a row twice", "multi_head/losses.csv", `${HEAD}${"0,4.500000,4.600000\r\n".repeat(2)}`],
  [
    "reversed rows",
    "multi_head/losses.csv",
    `${HEAD}500,1.950000,1.960000\r\n0,4.500000,4.600000\r\n`,
  ],
  ["other columns", "multi_head/losses.csv", "step,train_loss,val_loss,iterations\r\n0,1,2,3\r\n"],
  ["half a time", "multi_head/timings.csv", "step,seconds\r\n0,1.2\r\n"],
  ["words for numbers", "multi_head/losses.csv", "step,train_loss,val_loss\r\n0,one,2\r\n"],
  ["no UTF-8", "multi_head/samples.csv", new Uint8Array([0x73, 0xff])],
  ["two characters for one", "stats/counts.csv", "character,count\r\nab,2\r\n"],
  ["a cell outside", "attention/weights.csv", "row,column,weight\r\n0,999999999,1\r\n"],
  ["no tensors", "multi_head/final.safetensors", "no safetensors"],
];
for (const [what, path, content] of damages) {
  test(
    `${what} in ${path} ends it with one line, code 2 and the old report`,
    [...needs],
    () =>
      inFolder(async (folder) => {
        await writeRun(folder, "multi_head");
        await Deno.mkdir(`${folder}/${path.split("/")[0]}`, { recursive: true });
        const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
        await Deno.writeFile(`${folder}/${path}`, bytes);
        await Deno.writeTextFile(`${folder}/report.html`, "old");
        const { code, out, err } = await report(`--results=${folder}`);
        assertEquals([code, out], [2, ""]);
        assertMatch(err, /^error: [^\n]*deno task [^\n]*\n$/);
        assertStringIncludes(err, path);
        assertEquals(await Deno.readTextFile(`${folder}/report.html`), "old");
        assertEquals([...Deno.readDirSync(folder)].filter(({ isFile }) => isFile).length, 1);
      }),
  );
}

test("weights of another stage are refused", ["read", "write"], () =>
  inFolder(async (folder) => {
    await writeRun(folder, "multi_head", { letters: "abc" });
    await writeRun(folder, "blocks");
    await Deno.copyFile(
      `${folder}/multi_head/final.safetensors`,
      `${folder}/blocks/final.safetensors`,
    );
    await assertRejects(() => readWeights(folder, stages.blocks), UserError, "cannot use");
  }));

test(
  "a run's sizes are read from its weights",
  ["read", "write"],
  () =>
    inFolder(async (folder) => {
      const model = { ...stages.blocks.model, nEmbd: 12, nHead: 3, nLayer: 2, blockSize: 5 };
      await writeRun(folder, "blocks", { letters: "abcdefg", model });
      const weights = await readWeights(folder, stages.blocks);
      assert(weights && "config" in weights);
      assertEquals([weights.config, weights.vocabulary.size], [model, 7]);
    }),
);

test(
  "a training that diverged is shown as it is",
  ["read", "write"],
  () =>
    inFolder(async (folder) => {
      const rows = [[0, 4, 4], [1, "NaN", "Infinity"]];
      await writeCsv(folder, "multi_head/losses", ["step", "train_loss", "val_loss"], rows);
      const [run] = (await readRuns(folder)).get("multi_head")!;
      assertEquals(run.losses[1], { step: 1, trainLoss: NaN, valLoss: Infinity });
      assertEquals(showDifference(NaN, 2), "–");
      await writeCsv(folder, "multi_head/losses", ["step", "train_loss", "val_loss"], [[
        0,
        "NaN",
        "NaN",
      ]]);
      const { sections } = await writeSections(await gather({ folder }));
      const { text } = await toHtml({ title: "t", summary: [], sections });
      assertStringIncludes(text, '<td class="number">NaN</td>');
      assert(!/loss against|[dxy]\d?="[^"]*NaN/.test(text), "nothing to draw");
    }),
);

test("--compare lays two folders side by side", [...needs], () =>
  inFolder(async (folder) => {
    const model = { ...stages.multi_head.model, nHead: 2 };
    await writeRun(`${folder}/a`, "multi_head", { letters: "abc" });
    await writeRun(`${folder}/b`, "multi_head", { letters: "abc", model });
    const rows = [[0, 4, 4], [200, 1.125, 1.75]];
    await writeCsv(`${folder}/b`, "multi_head/losses", ["step", "train_loss", "val_loss"], rows);
    const { code, out } = await report(
      "--compare",
      `${folder}/a`,
      `${folder}/b`,
      `--results=${folder}`,
    );
    assertEquals([code, out], [0, `${folder}/compare.html\n`]);
    const page = await Deno.readTextFile(`${folder}/compare.html`);
    assertStringIncludes(page, "4 heads");
    assertStringIncludes(page, "2 heads");
    const [, row] = tablesOf(page).get("The last evaluations, in nats a character")!;
    assertEquals(row.slice(0, 6), ["multi_head", "200", "200", "1.5000", "1.1250", "−0.3750"]);
  }));

for (
  const [what, args, message] of [
    ["one folder to compare", ["--compare=results"], "needs two folders"],
    ["a folder to compare that is not there", ["--compare", "results", "none"], "no folder none"],
    ["a results folder that is not there", ["--results=none"], "no folder none"],
    ["--port without --serve", ["--port=8000"], "--port needs --serve"],
    ["a port out of range", ["--serve", "--port=70000"], "--port must be a whole number"],
    ["an unknown corpus", ["--corpus=none.txt"], "there is no corpus none.txt"],
  ] as const
) {
  test(`report is told of ${what} in one line, code 2`, [...needs], async () => {
    const { code, err } = await report(...args);
    assertEquals(code, 2);
    assertMatch(err, /^error: [^\n]*\n$/);
    assertStringIncludes(err, message);
  });
}

test(
  "what comes from files is text in the page and in Markdown, whatever it says",
  [],
  async () => {
    const blocks = [
      paragraph(HOSTILE, { code: HOSTILE }),
      {
        kind: "table" as const,
        caption: HOSTILE,
        columns: [HOSTILE],
        textColumns: 1,
        rows: [[HOSTILE]],
      },
      { kind: "samples" as const, samples: [{ title: HOSTILE, text: visible(HOSTILE) }] },
    ];
    const sections = [{ id: "x", title: HOSTILE, short: HOSTILE, blocks }];
    const hostile = { title: HOSTILE, summary: [HOSTILE], sections };
    const { text } = await toHtml(hostile);
    const { document } = parseHTML(text) as unknown as { document: Queried };
    assertEquals([...document.querySelectorAll("script,img,[onerror]")].length, 0);
    assertEquals(document.querySelector("pre")!.textContent.trimStart(), visible(HOSTILE));
    const markdown = toMarkdown(hostile, "report.html");
    for (const line of markdown.replace(/^(`{3,})\n[^]*?^\1$/gm, "").split("\n")) {
      assert(!/(^|[^\\])<script/.test(line.replace(/`[^`]+`/g, "")), line);
    }
  },
);

test("a sample keeps its spaces and lines, and is cut when it is long", [], async () => {
  const sample = "\n\n   a\n b <b>  \n";
  const report = (text: string) => ({
    title: "t",
    summary: [],
    sections: [{
      id: "x",
      title: "x",
      short: "x",
      blocks: [{ kind: "samples" as const, samples: [{ title: "s", text }] }],
    }],
  });
  const { text } = await toHtml(report(sample));
  assertStringIncludes(text, ">\n\n\n   a\n b &lt;b&gt;  \n</pre>"); // HTML drops the first line's end
  const long = visible("😀".repeat(1_000_000));
  assert(long.endsWith("(998000 more characters)"));
  assertEquals([...long.replace(/….*/, "")].length, 2000);
});

test("characters that do not show have names", [], () => {
  assertEquals([" ", "\n", "\u202e", "\u0000", "é", "\ud800"].map(label), [
    "␣",
    "↵",
    "U+202E",
    "U+0000",
    "é",
    "U+D800",
  ]);
});

test("the page may run nothing but, while served, its own reloading", [], async () => {
  const empty = { title: "t", summary: [], sections: [] };
  const still = await toHtml(empty);
  assertMatch(still.policy, /^default-src 'none'; style-src 'sha256-[^']+';/);
  assert(!/script-src|unsafe|https?:/.test(still.policy));
  assert(!still.text.includes("<script"));
  const served = await toHtml(empty, true);
  assertMatch(served.policy, /script-src 'sha256-[^']+'; connect-src 'self'$/);
});

test("pairs are counted in the training part and sum to 1 a row", [], async () => {
  const corpus = await corpusFromBytes("x", new TextEncoder().encode("abababababababaacccc"));
  const vocabulary = Vocabulary.of(corpus.text, "first appearance");
  const counted = countedPairs(corpus, vocabulary); // of the first 18: abababababababaacc
  assertEquals(counted, [[1 / 9, 7 / 9, 1 / 9], [1, 0, 0], [0, 0, 1]]);
});

for (const [name, { model }] of Object.entries(stages)) {
  test(`${name}'s diagram has its parts`, [], () => {
    const { description, svg } = diagram(name, model, 101);
    const count = (part: RegExp) => description.match(part)?.length ?? 0;
    assertEquals(count(/head \d/g), ["bigram", "single_head"].includes(name) ? 0 : model.nHead);
    assertEquals(count(/LayerNorm/g), model.skip === "none" ? 0 : 3);
    assertEquals(svg.includes(`${model.nLayer} such blocks`), model.body === "blocks");
    assertEquals(count(/; \+/g), (name === "bigram" ? 0 : 1) + (model.skip === "none" ? 0 : 2));
  });
}

/** Asks a served report as no browser would, and gives each answer's first line and a header. */
const CLIENT = `
const ask = async (port, request) => {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(request + "\\r\\nConnection: close\\r\\n\\r\\n"));
  return (await new Response(connection.readable).text()).split("\\r\\n")[0].split(" ")[1];
};
const [port, ...requests] = JSON.parse(Deno.args[0]);
const answers = [];
for (const request of requests) answers.push(await ask(port, request));
console.log(JSON.stringify(answers));
`;

test(
  "--serve waits for its folder, follows one that is made anew, and takes no strange request",
  [...needs, "signals"],
  () =>
    inFolder(async (folder) => {
      const results = `${folder}/not/yet`;
      const permissions = ["--no-prompt", "--allow-read", "--allow-write", "--allow-net=127.0.0.1"];
      const flags = ["--serve", "--port=0", `--results=${results}`];
      const child = new Deno.Command("deno", {
        args: ["run", "--lock=scripts/deno.lock", ...permissions, "scripts/report.ts", ...flags],
        cwd: new URL("../..", import.meta.url),
        stdout: "piped",
        stderr: "inherit",
      }).spawn();
      try {
        const out = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
        const { value = "" } = await out.read();
        await out.cancel();
        const port = Number(/127\.0\.0\.1:(\d+)/.exec(value)![1]);
        const client = async (code: string, ...args: string[]) => {
          const command = new Deno.Command("deno", { args: ["eval", code, ...args] });
          return new TextDecoder().decode((await command.output()).stdout);
        };
        const ask = async (...requests: string[]) =>
          JSON.parse(await client(CLIENT, JSON.stringify([port, ...requests])));
        const get = (host: string) => `GET / HTTP/1.1\r\nHost: ${host}`;
        const hosts = [`127.0.0.1:${port}`, "localhost", "[", "localhost:99999", "evil.example"];
        assertEquals(await ask(...hosts.map(get)), ["200", "200", "403", "200", "403"]);
        const methods = ["POST", "PUT", "DELETE", "HEAD"];
        assertEquals(
          await ask(...methods.map((method) => `${method} / HTTP/1.1\r\nHost: localhost`)),
          ["405", "405", "405", "200"],
        );
        const page = () =>
          client(`console.log(await (await fetch("http://127.0.0.1:${port}/")).text())`);
        const until = async (text: string) => {
          for (let i = 0; i < 60; i++) {
            if ((await page()).includes(text)) return;
            await new Promise((resolve) => setTimeout(resolve, 100));
          }
          throw new Error(`the page never had ${text}`);
        };
        await writeRun(results, "multi_head", { sample: "the first sample" });
        await until("the first sample");
        await Deno.remove(results, { recursive: true });
        await writeRun(results, "multi_head", { sample: "another sample" });
        await until("another sample");
      } finally {
        child.kill("SIGINT");
        assertEquals((await child.status).code, 0);
      }
    }),
);

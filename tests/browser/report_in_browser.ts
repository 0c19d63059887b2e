/**
 * The report in a real browser without a window: what is seen, read aloud, printed and reloaded.
 * Chromium is the system's.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { BrowserContextOptions, Page } from "npm:playwright-core@1.65.1";
import { corpusFromBytes } from "@hugo-lab/model";
import { compareFindings } from "../../scripts/lib/report/compare.ts";
import { gather } from "../../scripts/lib/report/gather.ts";
import { toHtml } from "../../scripts/lib/report/html.ts";
import { writeSections } from "../../scripts/lib/report/sections.ts";
import { CHROMIUM, test } from "../lib/needs.ts";
import { writeAll, writeCsv, writeRun } from "../lib/report_results.ts";
import { inFolder } from "../lib/tasks.ts";

const root = new URL("../..", import.meta.url);
const needs = ["read", "write", "run", "chromium"] as const;
const TEXT = "Le vent, la mer et l'été.\nOù va la barque ? 12\n".repeat(40);
/** Would run, break out, widen the page or turn its order if it could. */
const HOSTILE = "</pre></title></style><script>document.title='run'</script>" +
  `<img src=x onerror="document.title='run'"><svg onload="document.title='run'">"'\`` +
  "\u0000\u0007\u001b[31m\u202egnp\u2066\u05d0\u0300" + "W".repeat(1_000_000);

/** A browser's page; what its console may say at the end is checked in every test. */
async function inBrowser(
  options: BrowserContextOptions,
  fn: (page: Page) => Promise<void>,
  expected: RegExp[] = [],
): Promise<void> {
  // Else Playwright, when it is loaded, asks about Windows in /proc/sys, which needs all permissions.
  Deno.env.set("__IS_WSL_TEST__", "1");
  const { chromium } = await import("npm:playwright-core@1.65.1");
  const args = Deno.uid() === 0 ? ["--no-sandbox"] : [];
  const browser = await chromium.launch({ executablePath: CHROMIUM, args });
  try {
    const page = await (await browser.newContext(options)).newPage();
    const said: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(String(error)));
    await fn(page);
    assertEquals(said.length, expected.length, said.join("\n"));
    expected.forEach((pattern, i) => assertMatch(said[i], pattern));
  } finally {
    await browser.close();
  }
}

/** Opens the report of a folder that `prepare` fills. */
function withReport(
  text: string,
  prepare: (folder: string) => Promise<void>,
  options: BrowserContextOptions,
  fn: (page: Page) => Promise<void>,
): Promise<void> {
  return inFolder(async (folder) => {
    await prepare(folder);
    const corpus = await corpusFromBytes("text", new TextEncoder().encode(text));
    const report = await writeSections(await gather({ folder, corpus }));
    await Deno.writeTextFile(`${folder}/report.html`, (await toHtml(report)).text);
    await inBrowser(options, async (page) => {
      await page.goto(`file://${folder}/report.html`);
      await fn(page);
    });
  });
}

/** Opens every folded part. */
const unfold = (page: Page): Promise<void> =>
  page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true");

const withAll = (options: BrowserContextOptions, fn: (page: Page) => Promise<void>) =>
  withReport(TEXT, (folder) => writeAll(folder, TEXT), options, fn);

/** How far the page's content reaches beyond its window, in pixels. */
const overhang = (page: Page): Promise<number> =>
  page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");

/** What axe finds wrong, a line each. */
async function violations(page: Page): Promise<string[]> {
  const { default: axe } = await import("npm:axe-core@4.14.1");
  await page.evaluate(axe.source);
  const { violations, passes } = await page.evaluate("axe.run()") as AxeResults;
  for (const rule of ["color-contrast", "svg-img-alt", "td-headers-attr", "heading-order"]) {
    assert(passes.some(({ id }) => id === rule), `axe did not check ${rule}`);
  }
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

interface AxeResults {
  violations: { id: string; nodes: { html: string }[] }[];
  passes: { id: string }[];
}

test(
  "every picture is seen with its title, and charts with their axes' labels",
  [...needs],
  () =>
    withAll({ viewport: { width: 1100, height: 900 } }, async (page) => {
      await unfold(page);
      const pictures = await page.locator("figure:has(svg)").all();
      assert(pictures.length > 40, `${pictures.length} pictures`);
      for (const picture of pictures) {
        const title = (await picture.locator("figcaption").textContent())!;
        const svg = picture.getByRole("img", { name: title, exact: true });
        assert(await svg.isVisible() && await picture.locator("figcaption").isVisible(), title);
        const box = (await svg.boundingBox())!;
        assert(box.width > 100 && box.height > 60, `${title} is ${box.width} x ${box.height}`);
        if (title.endsWith("the architecture")) continue;
        const named = title.includes("how far back") ? ["x"] : ["x", "y"]; // heads name themselves
        for (const axis of named) {
          const label = svg.locator(
            `[data-part="${axis}-axis label"] text, .${axis}-axis-label text`,
          );
          assert(await label.first().isVisible(), `${title}: the label of ${axis}`);
        }
      }
    }),
);

for (const colorScheme of ["light", "dark"] as const) {
  test(
    `axe finds nothing wrong, contrast included, when it is ${colorScheme}`,
    [...needs],
    () =>
      withAll({ colorScheme }, async (page) => {
        assertEquals(await violations(page), []);
        await unfold(page);
        assertEquals(await violations(page), []);
      }),
  );

  test(
    `pictures have the ink of the page when it is ${colorScheme}`,
    [...needs],
    () =>
      withAll({ colorScheme }, async (page) => {
        const colors = await page.evaluate(`[
        getComputedStyle(document.body).color,
        ...[...document.querySelectorAll(".plot")].map((svg) => getComputedStyle(svg).fill),
      ]`) as string[];
        assertEquals(new Set(colors).size, 1, "all that is not coloured has one colour");
        const ink = Number(colors[0].match(/\d+/)![0]);
        assert(colorScheme === "dark" ? ink > 200 : ink < 60, colors[0]);
      }),
  );
}

for (const width of [320, 375, 768, 1400]) {
  test(
    `the page does not scroll sideways at ${width} pixels`,
    [...needs],
    () =>
      withAll({ viewport: { width, height: 800 } }, async (page) => {
        assertEquals(await overhang(page), 0);
        await unfold(page);
        assertEquals(await overhang(page), 0);
      }),
  );
}

test(
  "a phone's first screens show every stage's validation loss",
  [...needs],
  () =>
    withAll({ viewport: { width: 375, height: 800 } }, async (page) => {
      const rungs = await page.locator(".ladder li").all();
      assertEquals(rungs.length, 7);
      for (const rung of rungs) {
        const box = (await rung.locator(".loss").boundingBox())!;
        assert(box.x >= 0 && box.x + box.width <= 375 && box.y < 3 * 800, JSON.stringify(box));
      }
    }),
);

test(
  "values are told under the pointer and by the arrow keys",
  [...needs],
  () =>
    withAll({ viewport: { width: 1100, height: 900 } }, async (page) => {
      const name = "multi_head: loss against iterations";
      const svg = page.getByRole("img", { name, exact: true });
      const figure = page.locator("figure", { has: svg });
      const told = () => figure.locator(".readout").textContent();
      await svg.hover({ position: { x: 90, y: 100 } });
      assertEquals(await told(), "step 100: train 2.2500, validation 2.3000");
      const { width } = (await svg.boundingBox())!;
      await svg.hover({ position: { x: width - 20, y: 100 } });
      assertEquals(await told(), "step 200: train 1.5000, validation 1.5333");
      await page.mouse.move(0, 0);
      assertEquals(await told(), "");
      await svg.focus();
      assertMatch((await told())!, /^step 100/);
      await page.keyboard.press("ArrowRight");
      assertMatch((await told())!, /^step 200/);
      await page.keyboard.press("ArrowRight");
      assertMatch((await told())!, /^step 200/, "there is none behind it");
      assertEquals(await figure.locator(".marker").count(), 1);
      const map = page.getByRole("img", { name: "Attention on random numbers" });
      await map.focus();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowRight");
      const cell = page.locator("figure", { has: map }).locator(".readout");
      assertEquals(await cell.textContent(), "1 → 1: 0.75");
    }),
);

test("the legend switches curves, by keyboard too", [...needs], () =>
  withAll({}, async (page) => {
    const name = "multi_head: loss against iterations";
    const svg = page.getByRole("img", { name, exact: true });
    const figure = page.locator("figure", { has: svg });
    assert(await svg.locator("g.s0").first().isVisible());
    await figure.getByRole("checkbox", { name: "train", exact: true }).focus();
    await page.keyboard.press("Space");
    assertEquals(await svg.locator("g.s0").first().isVisible(), false);
    assert(await svg.locator("g.s1").first().isVisible());
    await figure.getByText("train", { exact: true }).click();
    assert(await svg.locator("g.s0").first().isVisible());
  }));

test(
  "the page is an article: what is secondary is folded",
  [...needs],
  () =>
    withAll({ viewport: { width: 1280, height: 900 } }, async (page) => {
      const height = () =>
        page.evaluate("document.documentElement.scrollHeight") as Promise<number>;
      const folded = await height();
      await unfold(page);
      assert(folded < 0.7 * await height(), `${folded} of ${await height()}`);
    }),
);

test(
  "a wide table scrolls by keyboard in its own region on a phone",
  [...needs],
  () =>
    withAll({ viewport: { width: 375, height: 800 } }, async (page) => {
      await unfold(page);
      const caption = "The last evaluation of every stage, in nats a character";
      const region = page.getByRole("region", { name: caption });
      await region.focus();
      await page.keyboard.press("ArrowRight");
      // waitForFunction would evaluate in the page, whose policy forbids it.
      const scrolled = () => page.evaluate("document.activeElement.scrollLeft > 0");
      for (let i = 0; i < 100 && !await scrolled(); i++) await page.waitForTimeout(50);
      assert(await scrolled());
    }),
);

test("a screen reader finds each table by its caption, and its rows' and columns' headings", [
  ...needs,
], () =>
  withAll({}, async (page) => {
    await unfold(page);
    const table = page.getByRole("table", { name: "multi_head: every evaluation" });
    const headings = await table.getByRole("columnheader").allTextContents();
    assertEquals(headings.slice(0, 2), ["step", "train loss"]);
    assertEquals(await table.getByRole("rowheader").allTextContents(), ["0", "100", "200"]);
    for (const table of await page.getByRole("table").all()) {
      assert(await table.locator("caption").textContent());
      const rows = await table.locator("tbody tr").count();
      assertEquals(await table.getByRole("rowheader").count(), rows);
    }
  }));

test(
  "nothing is cut off on paper",
  [...needs],
  () =>
    withAll({ viewport: { width: 720, height: 1000 } }, async (page) => { // A4 within its margins
      await page.emulateMedia({ media: "print" });
      assertEquals(await overhang(page), 0);
      const hidden = await page.evaluate(
        `[...document.querySelectorAll("figure, table, pre")]
        .filter((part) => part.getBoundingClientRect().right > innerWidth).length`,
      );
      assertEquals(hidden, 0);
    }),
);

test(
  "two folders compared are as readable as a report",
  [...needs],
  () =>
    inFolder(async (folder) => {
      for (const name of ["a", "b"]) await writeRun(`${folder}/${name}`, "multi_head");
      const [a, b] = [
        await gather({ folder: `${folder}/a` }),
        await gather({ folder: `${folder}/b` }),
      ];
      const { text } = await toHtml(compareFindings([a, b]));
      await Deno.writeTextFile(`${folder}/compare.html`, text);
      await inBrowser({ viewport: { width: 375, height: 800 } }, async (page) => {
        await page.goto(`file://${folder}/compare.html`);
        assertEquals(await overhang(page), 0);
        assert(
          await page.getByRole("img", { name: "multi_head: loss against seconds" }).isVisible(),
        );
        assertEquals(await violations(page), []);
      });
    }),
);

test(
  "hostile texts, samples and contexts neither run nor break the page",
  [...needs],
  () =>
    withReport(
      HOSTILE,
      async (folder) => {
        await writeRun(folder, "multi_head", { sample: HOSTILE });
        const characters = [...new Set(HOSTILE)].map((c) => [c, 1]);
        await writeCsv(folder, "stats/counts", ["character", "count"], characters);
        await writeCsv(folder, "split/context", ["context", "target"], [[HOSTILE, "<"]]);
      },
      { viewport: { width: 375, height: 800 } },
      async (page) => {
        assertEquals(await page.title(), "The Hugo lab: report");
        assertEquals(await page.locator("img, [onload], [onerror]").count(), 0);
        assertEquals(await page.locator("script").count(), 1, "the page's own");
        assertEquals(await overhang(page), 0);
        assertEquals(await page.getByRole("heading", { name: "Beside GPT-2" }).isVisible(), true);
      },
    ),
);

test(
  "the policy keeps even a script that got in from running",
  [...needs],
  () =>
    inFolder(async (folder) => {
      const { text } = await toHtml({ title: "t", summary: [], sections: [] });
      const broken = text.replace("</main>", "<script>document.title = 'run'</script></main>");
      await Deno.writeTextFile(`${folder}/report.html`, broken);
      await inBrowser({}, async (page) => {
        await page.goto(`file://${folder}/report.html`);
        assertEquals(await page.title(), "t");
      }, [/violates the following Content Security Policy/]);
    }),
);

/** The answer's status to a request under a host's name. */
async function statusFor(host: string, address: string): Promise<string> {
  using connection = await Deno.connect({
    hostname: "127.0.0.1",
    port: Number(new URL(address).port),
  });
  const request = `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  await connection.write(new TextEncoder().encode(request));
  const bytes = new Uint8Array(64);
  await connection.read(bytes);
  return new TextDecoder().decode(bytes).split(" ")[1];
}

test("--serve shows a training's rows as they come, and Ctrl-C ends it with code 0", [
  ...needs,
], () =>
  inFolder(async (folder) => {
    const args = ["task", "--quiet", "report", "--serve", "--port=0", `--results=${folder}`];
    const child = new Deno.Command("deno", { args, cwd: root, stdout: "piped" }).spawn();
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value: line = "" } = await lines.read();
    const address = line.match(/http:\/\/127\.0\.0\.1:\d+\//)?.[0];
    assert(address, line);
    await inBrowser({}, async (page) => {
      await page.goto(address);
      await page.getByText("multi_head is not yet run").first().waitFor();
      await writeRun(folder, "multi_head", { evaluations: 2 });
      const table = page.locator("table", { hasText: "multi_head: every evaluation" });
      const row = (step: string) => table.locator("th", { hasText: new RegExp(`^${step}$`) });
      await row("100").waitFor({ state: "attached" });
      await Deno.writeTextFile(`${folder}/multi_head/losses.csv`, "200,1.250000,1.750000\r\n", {
        append: true,
      });
      await row("200").waitFor({ state: "attached" });
    });
    assertEquals(await statusFor("elsewhere.example", address), "403", "another site's name");
    assertEquals(await statusFor("localhost", address), "200");
    child.kill("SIGINT");
    assertEquals((await child.status).code, 0);
    await lines.cancel();
  }));

test(
  "--serve tells of a taken port in one line, code 2",
  [...needs],
  () =>
    inFolder(async (folder) => {
      using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const { port } = listener.addr as Deno.NetAddr;
      const args = [
        "task",
        "--quiet",
        "report",
        "--serve",
        `--port=${port}`,
        `--results=${folder}`,
      ];
      const { code, stderr } = await new Deno.Command("deno", { args, cwd: root }).output();
      const err = new TextDecoder().decode(stderr);
      assertEquals([code, err.includes(`port ${port} is taken`), err.split("\n").length], [
        2,
        true,
        2,
      ]);
    }),
);

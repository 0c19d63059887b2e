/**
 * Chromium without a window, by its own protocol: Playwright tells every page that it is in front,
 * and here one is to be behind another.
 *
 * @module
 */
import { CHROMIUM } from "../lib/needs.ts";
import { type Call, type Tab, withBrowser } from "./protocol.ts";

/** Opens an address in a Chromium of its own profile. */
export function inChromiumTab(address: string, fn: (tab: Tab) => Promise<void>): Promise<void> {
  const args = (profile: string) => [
    "--headless",
    ...Deno.uid() === 0 ? ["--no-sandbox"] : [],
    "--remote-debugging-port=0",
    `--user-data-dir=${profile}`,
  ];
  return withBrowser(CHROMIUM, args, "", async (call) => fn(await open(call, address)));
}

async function open(call: Call, url: string): Promise<Tab> {
  const { targetId } = await call("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await call("Target.attachToTarget", { targetId, flatten: true });
  await call("Page.navigate", { url }, String(sessionId));
  return {
    evaluate: async (expression) => {
      const params = { expression, awaitPromise: true, returnByValue: true };
      const answer = await call("Runtime.evaluate", params, String(sessionId)) as unknown as {
        result: { value: unknown };
        exceptionDetails?: { text: string };
      };
      if (answer.exceptionDetails) throw new Error(answer.exceptionDetails.text);
      return answer.result.value;
    },
    cover: async () => {
      const other = await call("Target.createTarget", { url: "about:blank" });
      await call("Target.activateTarget", other);
    },
  };
}

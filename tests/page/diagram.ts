/** The diagrams in both languages; its packages are fetched, so page_test.ts loads it where they may be. */
import { assert } from "@std/assert";
import { stages } from "@hugo-lab/model";
import { en } from "../../scripts/lib/page/texts/en.ts";
import { fr } from "../../scripts/lib/page/texts/fr.ts";
import { diagram } from "../../scripts/lib/report/diagram.ts";

Deno.test("a diagram speaks both languages", () => {
  for (const { model } of Object.values(stages)) {
    const [english, french] = [en, fr].map(({ diagram: words }) => diagram("x", model, 101, words));
    assert(english.description !== french.description);
    assert(!/embedding table|such|mask the|weights|head |concatenate/.test(french.svg));
  }
});

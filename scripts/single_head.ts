/** `deno task single_head`: trains this stage; see model/stages.ts for what it is. @module */
import { withClosing } from "./lib/report/closing.ts";
import { trainingTask } from "./lib/run/stage.ts";
import { main } from "./lib/task/task.ts";

if (import.meta.main) await main(withClosing(trainingTask("single_head")));

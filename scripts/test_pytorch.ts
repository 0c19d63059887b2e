/** `deno task test:pytorch --python PATH`: the tests of the way to PyTorch and back. @module */
import { UserError } from "@hugo-lab/model";
import { main, task } from "./lib/task/task.ts";

const VERSIONS = "import safetensors, torch; print(torch.__version__, safetensors.__version__)";

/** The task; gives the exit code. */
const testPytorch = task({
  name: "test:pytorch",
  about: "tests the way to PyTorch and back",
  flags: {
    python: {
      kind: "text",
      value: "PATH",
      required: "a Python that has torch",
      help: "a Python that has torch and safetensors",
    },
  },
  async run({ python }): Promise<number> {
    const [torch, safetensors] = (await versions(python)).split(" ");
    console.log(`PyTorch ${torch}, safetensors ${safetensors}`);
    const { code } = await new Deno.Command("deno", {
      args: [
        ...["test", "--no-prompt", "--allow-read", "--allow-write", "--allow-run"],
        ...["tests/pytorch_test.ts", "--", "--python", python],
      ],
    }).spawn().status;
    return code;
  },
});

async function versions(python: string): Promise<string> {
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(python, { args: ["-c", VERSIONS] }).output();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UserError(`--python ${python} cannot be run: give the path of a Python`);
  }
  if (output.success) return new TextDecoder().decode(output.stdout).trim();
  throw new UserError(
    `--python ${python} lacks a package (pip install torch numpy safetensors): ` +
      new TextDecoder().decode(output.stderr).trim().split("\n").at(-1),
  );
}

if (import.meta.main) await main(testPytorch);

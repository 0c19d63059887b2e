/**
 * The two ways to a binding between TensorFlow.js and TensorFlow: the one that the npm package
 * offers, and one built here against the TensorFlow that pip installs.
 *
 * @module
 */
import { type Installation, tensorflowFolder, tensorflowPath, UserError } from "@hugo-lab/model";
import { command, type Outcome, reasonIn } from "./command.ts";
import { checkRequirements } from "./requirements.ts";

/** The newest TensorFlow of pip that passes the tests. */
export const PIP_VERSION = "2.21.0";
/** The TensorFlow of the npm package's own binary. */
const NPM_VERSION = "2.9.1";
/** Which of pip's files are taken; Python itself never runs them, so its version does not matter. */
const PIP_PYTHON = "3.11";
/** The exit code for what may go well another time, as in sysexits.h. */
const TRY_AGAIN = 75;

const NPM_PACKAGE = "@tensorflow/tfjs-node-gpu";
const MANIFEST = new URL("../../../model/backends/tensorflow/package/", import.meta.url);
const at = (path: string) => new URL(path, tensorflowFolder);

/** Downloads the npm package with what it needs, in the versions of the committed lock file. */
export async function installPackage(): Promise<void> {
  const { ok, text } = await installAnew();
  if (!ok) throw new UserError(`${NPM_PACKAGE} cannot be had: ${reasonIn(text)}`, TRY_AGAIN);
}

/** Lets the npm package download its own binary; gives the reason where it cannot. */
export async function takeOwnBinary(): Promise<Installation | string> {
  const binding = `node_modules/${NPM_PACKAGE}/lib/napi-v8/tfjs_binding.node`;
  const { ok, text } = await installAnew(`--allow-scripts=npm:${NPM_PACKAGE}`);
  if (ok && await exists(at(binding))) {
    return { tensorflow: NPM_VERSION, source: "npm", gpu: true, binding };
  }
  await installAnew(); // without what the package's installer may have left
  return ok ? "its installer left no binding" : reasonIn(text);
}

/** Fills node_modules; Deno runs a package's scripts only where it was not there before. */
async function installAnew(...flags: string[]): Promise<Outcome> {
  for (const name of ["deno.json", "deno.lock"]) {
    await Deno.copyFile(new URL(name, MANIFEST), at(name));
  }
  await remove(at("node_modules"));
  return await command("deno", ["install", "--frozen", ...flags], { cwd: tensorflowFolder });
}

/** Installs pip's TensorFlow and builds the package's binding against it. */
export async function buildAgainstPip(gpu: boolean): Promise<Installation> {
  await checkRequirements(gpu);
  await installPip(gpu);
  console.log("Compiling the binding");
  const binding = "lib/tfjs_binding.node";
  await compile(binding);
  return { tensorflow: PIP_VERSION, source: "pip", gpu, binding };
}

/** pip's TensorFlow in a folder of its own, named once it is whole. */
async function installPip(gpu: boolean): Promise<void> {
  const name = pipName(gpu);
  const marker = at(`python/${name}-${PIP_VERSION}`);
  if (await exists(marker)) return console.log(`${name} ${PIP_VERSION} is there already`);
  console.log(`Installing ${name} ${PIP_VERSION} by pip`);
  const partial = "python.partial";
  await remove(at(partial));
  const { ok } = await command("python3", [
    ...["-m", "pip", "install", "--target", tensorflowPath(partial), "--disable-pip-version-check"],
    "--root-user-action=ignore", // its warning is about installing for everyone
    ...["--only-binary=:all:", "--implementation", "cp", "--python-version", PIP_PYTHON],
    ...(gpu ? [] : ["--no-deps"]), // the others are for Python; CUDA comes as one of them
    `${name}==${PIP_VERSION}`,
  ], { shown: true });
  if (!ok) {
    throw new UserError(
      `pip could not install ${name} ${PIP_VERSION}, for the reason above: ` +
        "mend it and run the task again",
      TRY_AGAIN,
    );
  }
  await remove(at("python"));
  await Deno.rename(at(partial), at("python"));
  await Deno.writeTextFile(marker, "");
}

function pipName(gpu: boolean): string {
  if (gpu) return "tensorflow[and-cuda]";
  const { os, arch } = Deno.build;
  return os === "linux" && arch === "x86_64" ? "tensorflow-cpu" : "tensorflow";
}

/** Compiles the package's own C++ sources. */
async function compile(binding: string): Promise<void> {
  const sources = tensorflowPath(`node_modules/${NPM_PACKAGE}/binding/`);
  const library = tensorflowPath("python/tensorflow/");
  const target = tensorflowPath(binding);
  await Deno.mkdir(at("lib"), { recursive: true });
  const link = Deno.build.os === "darwin"
    ? [
      ...["-undefined", "dynamic_lookup", "-Wl,-rpath,@loader_path/../python/tensorflow"],
      ...[`${library}libtensorflow_cc.2.dylib`, `${library}libtensorflow_framework.2.dylib`],
    ]
    : [
      ...[`-L${library}`, "-Wl,-rpath,$ORIGIN/../python/tensorflow"],
      ...["-l:libtensorflow_cc.so.2", "-l:libtensorflow_framework.so.2"],
    ];
  const { ok, text } = await command("c++", [
    ...["-std=c++17", "-O2", "-fPIC", "-shared", "-DNAPI_VERSION=8"],
    `-I${tensorflowPath("node_modules/node-api-headers/include")}`,
    `-I${library}include`,
    ...[`${sources}tfjs_backend.cc`, `${sources}tfjs_binding.cc`],
    ...["-o", `${target}.partial`, ...link],
  ]);
  if (!ok) throw new UserError(`the binding does not compile: ${reasonIn(text)}`);
  await Deno.rename(`${target}.partial`, target);
}

async function exists(url: URL): Promise<boolean> {
  return await Deno.stat(url).then(() => true, () => false);
}

async function remove(url: URL): Promise<void> {
  await Deno.remove(url, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}

/**
 * Where the page keeps what must not be lost: the browser's private file system. A browser without
 * one, such as a private window, keeps nothing, and the page says so.
 *
 * @module
 */
/// <reference lib="dom" />

import type { RunFiles } from "./training.ts";

/** More runs are not kept: the oldest go. */
const MOST_RUNS = 40;

/** What is kept of a run besides its files. */
export interface Extra {
  iters: number;
  iteration: number;
  batches: { step: number; loss: number }[];
  /** Whether it was running when it was kept. */
  running: boolean;
}

/** A run that was kept. */
export interface Kept {
  key: string;
  files: RunFiles;
  extra: Extra;
}

/** A folder of the browser's. */
export class Store {
  readonly #folder: FileSystemDirectoryHandle;
  /** What was written last under a name: weights that are the same are not written again. */
  readonly #written = new Map<string, Uint8Array>();

  private constructor(folder: FileSystemDirectoryHandle) {
    this.#folder = folder;
  }

  /** Opens it; nothing where the browser has none for this page. */
  static async open(): Promise<Store | undefined> {
    try {
      const root = await navigator.storage.getDirectory();
      const store = new Store(await root.getDirectoryHandle("hugo-lab", { create: true }));
      await store.#write("probe", new Uint8Array(1));
      return store;
    } catch {
      return undefined;
    }
  }

  /** Keeps a file whole, or leaves the old one. */
  async #write(name: string, bytes: Uint8Array): Promise<void> {
    const file = await this.#folder.getFileHandle(name, { create: true });
    const stream = await file.createWritable(); // takes the old one's place when it is closed
    await stream.write(bytes as BufferSource);
    await stream.close();
  }

  async #read(name: string): Promise<Uint8Array | undefined> {
    try {
      const handle = await this.#folder.getFileHandle(name);
      const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
      return bytes.length > 0 ? bytes : undefined;
    } catch {
      return undefined;
    }
  }

  /** Keeps a run under its key: the checkpoint last but for what tells of it. */
  async saveRun(key: string, { checkpoint, best, extend }: RunFiles, extra: Extra): Promise<void> {
    for (const [name, bytes] of [[`${key}.best`, best], [`${key}.extend`, extend]] as const) {
      if (!bytes) await this.#folder.removeEntry(name).catch(() => {});
      else if (this.#written.get(name) !== bytes) await this.#write(name, bytes);
      if (bytes) this.#written.set(name, bytes);
    }
    await this.#write(`${key}.safetensors`, checkpoint);
    await this.#write(`${key}.json`, new TextEncoder().encode(JSON.stringify(extra)));
    await this.#prune();
  }

  /**
   * The run of so many iterations; else, of those that it can go on from, the one that has come
   * furthest.
   *
   * @param series what the runs have in common: their keys are it and their iterations
   */
  async loadRun(series: string, iters: number): Promise<Kept | undefined> {
    const found: { key: string; extra: Extra }[] = [];
    for await (const name of this.#folder.keys()) {
      if (!name.startsWith(`${series}-`) || !name.endsWith(".json")) continue;
      const bytes = await this.#read(name);
      if (!bytes) continue;
      const extra: Extra = JSON.parse(new TextDecoder().decode(bytes));
      if (extra.iters === iters || extra.iteration < iters) {
        found.push({ key: name.replace(/\.json$/, ""), extra });
      }
    }
    const rank = ({ extra }: { extra: Extra }) =>
      extra.iters === iters ? Infinity : extra.iteration;
    found.sort((a, b) => rank(b) - rank(a));
    for (const { key, extra } of found) {
      const checkpoint = await this.#read(`${key}.safetensors`);
      if (!checkpoint) continue;
      const best = await this.#read(`${key}.best`);
      return { key, extra, files: { checkpoint, best, extend: await this.#read(`${key}.extend`) } };
    }
    return undefined;
  }

  /** Forgets a run. */
  async forgetRun(key: string): Promise<void> {
    for (const ending of ["safetensors", "json", "best", "extend"]) {
      await this.#folder.removeEntry(`${key}.${ending}`).catch(() => {});
    }
  }

  /** Keeps a text of the student's own. */
  async saveText(name: string, bytes: Uint8Array): Promise<void> {
    await this.#write("text", bytes);
    await this.#write("text-name", new TextEncoder().encode(name));
  }

  /** The text that was kept. */
  async loadText(): Promise<{ name: string; bytes: Uint8Array } | undefined> {
    const [name, bytes] = [await this.#read("text-name"), await this.#read("text")];
    return name && bytes && { name: new TextDecoder().decode(name), bytes };
  }

  async #prune(): Promise<void> {
    const found: { name: string; modified: number }[] = [];
    for await (const [name, handle] of this.#folder.entries()) {
      if (handle.kind !== "file" || !name.endsWith(".safetensors")) continue;
      const { lastModified } = await (handle as FileSystemFileHandle).getFile();
      found.push({ name, modified: lastModified });
    }
    found.sort((a, b) => b.modified - a.modified);
    for (const { name } of found.slice(MOST_RUNS)) {
      await this.forgetRun(name.replace(/\.safetensors$/, ""));
    }
  }
}

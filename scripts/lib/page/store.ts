/**
 * Where the page keeps what must not be lost: the browser's private file system. A browser without
 * one, such as a private window, keeps nothing, and the page says so.
 *
 * @module
 */
/// <reference lib="dom" />

/** More runs are not kept: the oldest go. */
const MOST_RUNS = 40;

/** What is kept of a run besides its checkpoint. */
export interface Extra {
  batches: { step: number; loss: number }[];
  /** Whether it was running when it was kept. */
  running: boolean;
}

/** A folder of the browser's. */
export class Store {
  readonly #folder: FileSystemDirectoryHandle;

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

  /** Keeps a run under its key. */
  async saveRun(key: string, checkpoint: Uint8Array, extra: Extra): Promise<void> {
    await this.#write(`${key}.safetensors`, checkpoint);
    await this.#write(`${key}.json`, new TextEncoder().encode(JSON.stringify(extra)));
    await this.#prune();
  }

  /** The run under a key, if there is one. */
  async loadRun(key: string): Promise<{ checkpoint: Uint8Array; extra: Extra } | undefined> {
    const checkpoint = await this.#read(`${key}.safetensors`);
    const extra = await this.#read(`${key}.json`);
    if (!checkpoint || !extra) return undefined;
    return { checkpoint, extra: JSON.parse(new TextDecoder().decode(extra)) };
  }

  /** Forgets a run. */
  async forgetRun(key: string): Promise<void> {
    for (const ending of ["safetensors", "json"]) {
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

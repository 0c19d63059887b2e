/**
 * Writing files so that none is ever seen half-written.
 *
 * @module
 */

/** Writes the whole file, or leaves the old one: a temporary file beside it is renamed over it. */
export async function writeAtomically(path: string | URL, bytes: Uint8Array): Promise<void> {
  const temporary = path instanceof URL ? new URL(`${path}.partial`) : `${path}.partial`;
  try {
    using file = await Deno.open(temporary, { write: true, create: true, truncate: true });
    for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
    await file.sync();
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
  await Deno.rename(temporary, path);
}

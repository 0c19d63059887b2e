export async function tryModel(_: unknown): Promise<void> {}

import { makeSealKey, retireSealKey } from "../src/adapters/keys/seal-keys.ts";
import { openKeyFolder } from "../src/adapters/keys/key-folder.ts";

/** The next seal key, as versions of the program made it that entered nothing in the log: the private key of the one before is destroyed at once. */
export async function rotateSealKey(folder: string, now: Date = new Date()): Promise<void> {
  const { sealKeys } = await openKeyFolder(folder);
  const numbers = sealKeys.held().map(({ number }) => number);
  await makeSealKey(folder, Math.max(...numbers) + 1, now);
  for (const number of numbers) await retireSealKey(folder, number);
}

/** How the keys' files are kept, for the command line. A part of the composition root. */
import type { KeptKeyFile, WrappedFiles } from "../cli/key-tools.ts";
import type { Config } from "../config.ts";
import { keyTextsOf } from "./keys-elsewhere.ts";

/** How each file in KEYS_DIR is kept that holds a secret key. */
export function keyFilesHere(config: Config): Promise<readonly KeptKeyFile[]> {
  return keyTextsOf(config).kept();
}

/** Keeps each of them as the settings say. The keys stay the same, so that services need not be told. */
export async function keepKeyFiles(config: Config): Promise<WrappedFiles> {
  const texts = keyTextsOf(config);
  return { by: texts.by, files: await texts.keepAnew() };
}

/** What was done to them, in a sentence; undefined: nothing. */
export function wordsOf({ by, files }: WrappedFiles): string | undefined {
  if (files.length === 0) return undefined;
  return by === undefined ? `put in clear: ${files.join(", ")}` : `wrapped by ${by}: ${files.join(", ")}`;
}

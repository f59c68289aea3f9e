/** What the program finds around itself: signals, its package, the samples that come with it. A part of the composition root. */
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Sample } from "../interactions/pages/deposit-samples.ts";

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
export function toldToStop(): Promise<string> {
  return new Promise((resolve) => {
    let isTold = false;
    const onSignal = (signal: string): void => {
      if (isTold) process.exit(1);
      isTold = true;
      resolve(signal);
    };
    process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  });
}

/** The version of this program. */
export async function versionOf(): Promise<string> {
  const text = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  return /"version":\s*"([^"]+)"/.exec(text)?.[1] ?? "0";
}

/** The documents that come with the program. */
export async function readSamples(): Promise<Sample[]> {
  const folder = fileURLToPath(new URL("../../fixtures/documents/valid/", import.meta.url));
  const names = (await readdir(folder).catch(() => [])).filter((name) => /\.(json|xml)$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => ({
      name,
      bytes: await readFile(join(folder, name)),
      mediaType: name.endsWith(".xml") ? ("application/fhir+xml" as const) : ("application/fhir+json" as const),
    })),
  );
}

/** `EACCES`, `ENOTDIR`: what the operating system calls it, for an operator to look up. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
}

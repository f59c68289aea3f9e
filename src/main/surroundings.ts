/** What the program finds around itself: signals, its package, the samples that come with it. A part of the composition root. */
import { createHash } from "node:crypto";
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

/** A digest of everything that the program is made of: its files, its templates, the versions of its packages, and the sets of FHIR packages that it was given. Read once, when it is first asked for. */
export function programDigester(sets: readonly { readonly digest: string }[] = []): () => Promise<string> {
  let digest: Promise<string> | undefined;
  return () => (digest ??= digestOfProgram().then((own) => [own, ...sets.map((set) => set.digest)].join(" ")));
}

async function digestOfProgram(): Promise<string> {
  const hash = createHash("sha256");
  const root = fileURLToPath(new URL("../../", import.meta.url));
  // Beside this, in a checkout TypeScript and in the built package JavaScript.
  for (const folder of [fileURLToPath(new URL("../", import.meta.url)), join(root, "templates")]) {
    const found = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    for (const file of files.sort()) hash.update(`${file.slice(folder.length)}\n`).update(await readFile(file));
  }
  return hash.update(await readFile(join(root, "package.json"))).digest("hex");
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
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "unknown reason";
}

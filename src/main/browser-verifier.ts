/** Where the verifier for browsers comes from: the build, or, in a checkout, its sources as they are now. A part of the composition root. */
import { readFile } from "node:fs/promises";

/** Where the build puts it, beside the program that it made. */
const BUILT = new URL("../browser/verifier.js", import.meta.url);

/** Its script; undefined where it was not built and can't be: a checkout without what development needs. */
export async function loadVerifier(): Promise<string | undefined> {
  const built = await readFile(BUILT, "utf8").catch(() => undefined);
  if (built !== undefined) return built;
  const { bundleVerifier } = await import("./bundle-verifier.ts");
  return bundleVerifier().catch(() => undefined);
}

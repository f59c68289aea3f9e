/** Makes the script of the verifier for browsers of the sources (src/browser): for the build, and for a checkout that was not built. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { LANGUAGES } from "../pipeline/render/locale.ts";
import { wordsOf } from "../pipeline/render/locale-words.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The words that the verifier's page has: its own, and those of outcomes and signatures. */
const ITS_WORDS =
  /^(?:language|direction|months|product|product-line|address|element-language|download-(?:receipt|trust|record)|(?:verify|verdict|result|block|content|certificate|signer|role|purpose|xml-seal)-.+|role|signing-purpose|seal|xml-seal|signatures|signature-(?:of-sender|within))$/;

/** The words of every language that the verifier brings along. */
export function verifierWords(): Readonly<Record<string, object>> {
  const needed = (language: string): object => Object.fromEntries([...wordsOf(language)].filter(([key]) => ITS_WORDS.test(key)));
  return Object.fromEntries(LANGUAGES.map((language) => [language, needed(language)]));
}

/**
 * Bundles it, by `browser` of package.json as any bundler does.
 *
 * @throws where esbuild is not there, which only development needs
 */
export async function bundleVerifier(): Promise<string> {
  const { build } = await import("esbuild");
  // A JSON text within a JSON text: the script takes it apart when it is asked.
  const embedded = (json: string): string => JSON.stringify(JSON.stringify(JSON.parse(json)));
  const { outputFiles } = await build({
    ...{ absWorkingDir: ROOT, entryPoints: ["src/browser/verifier-worker.ts"], bundle: true, write: false, minify: true },
    ...{ format: "iife", platform: "browser", target: "es2022", legalComments: "eof", logLevel: "silent" },
    define: {
      EMBEDDED_DEFINITIONS: embedded(readFileSync(`${ROOT}src/core/fhir/r4/definitions.json`, "utf8")),
      EMBEDDED_WORDS: embedded(JSON.stringify(verifierWords())),
    },
  });
  return outputFiles[0]?.text ?? "";
}

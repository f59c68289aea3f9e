/** The signed documents of public projects (cases/documents), one line each: held to docs/signatures-of-real-documents.md, and printed where they differ. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "@jest/globals";
import { readSignedMessage } from "../../../src/core/cms/signed-message.ts";
import { identifierIn, valuesIn } from "../../../src/core/crypto/read-der.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { answerHere, readResource } from "../../r4.ts";

const FOLDER = join(process.env["CASES"] ?? "../shared/cases", "documents");
const PAGE = "docs/signatures-of-real-documents.md";
const RECEIVED_AT = new Date("2026-11-29T12:00:00Z");
/** Algorithms of signed messages, by their object identifiers. */
const NAMES: Readonly<Record<string, string>> = {
  "1.2.840.10045.4.3.2": "ECDSA, SHA-256",
  "1.2.840.113549.1.1.1": "RSA",
  "1.2.840.113549.1.1.10": "RSASSA-PSS",
};

function algorithmOf(text: string): string {
  const data =
    /"data"\s*:\s*"([^"]+)"/.exec(text.slice(text.lastIndexOf('"sigFormat"'))) ??
    /<data value="([^"]+)"/.exec(text.slice(text.lastIndexOf("<sigFormat")));
  const bytes = Buffer.from(data?.[1] ?? "", "base64");
  const jws = /^[\w-]+(?=\.)/.exec(bytes.toString("latin1"))?.[0];
  if (jws?.startsWith("eyJ")) return (JSON.parse(Buffer.from(jws, "base64url").toString()) as { readonly alg?: string }).alg ?? "";
  const method = /SignatureMethod Algorithm="[^"]*[#/]([^"#/]+)"/.exec(bytes.toString())?.[1];
  if (method !== undefined) return method;
  try {
    const algorithm = readSignedMessage(new Uint8Array(bytes)).signers[0]?.algorithm;
    const name = algorithm ? identifierIn(valuesIn(algorithm)[0]) : "";
    return NAMES[name] ?? name;
  } catch {
    return "–";
  }
}

async function lineOf(file: string): Promise<string[]> {
  const isXml = file.endsWith(".xml");
  const bytes = new Uint8Array(readFileSync(join(FOLDER, file)));
  const text = new TextDecoder().decode(bytes);
  const { resource } = readResource(bytes, isXml ? "application/fhir+xml" : "application/fhir+json", DEFAULT_READ_LIMITS);
  if (resource?.string("resourceType") !== "Bundle") return [];
  const checks = await answerHere({ bundle: resource, bytes, isXml, trust: undefined, receivedAt: RECEIVED_AT });
  return checks.map(({ place, form, block, content, certificate, signer, explanation }) => {
    const results = [block, content, certificate, signer].join(", ");
    return `| ${file.replaceAll("|", "\\|")} | ${place} | ${form} | ${algorithmOf(text)} | ${results} | ${explanation.replaceAll("|", "\\|")} |`;
  });
}

const HEAD = `# Signatures of real documents

Written by \`test/core/signatures/real-signatures.test.ts\` (\`WRITE_REAL=1\`) from the signed Bundles in \`cases/documents\` of public projects, without a list of trusted certificates; the four results are block, content,
certificate, signer. Documents that came without a signature are not told of.

| document | place | form | algorithm | results | why |
|---|---|---|---|---|---|
`;

if (!existsSync(FOLDER)) test.skip("one line each (no documents in CASES)", () => undefined);
else
  test("one line each", async () => {
    const files = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(json|xml)$/.test(entry.name) && entry.name !== "index.json")
      .map((entry) => relative(FOLDER, join(entry.parentPath, entry.name)));
    const signed = files.filter((file) => readFileSync(join(FOLDER, file), "utf8").includes("sigFormat"));
    expect(signed.length).toBeGreaterThan(15);
    const lines = (await Promise.all(signed.toSorted().map(lineOf))).flat();
    const kept = readFileSync(PAGE, "utf8");
    // What people wrote about them stands behind the table.
    const page = `${HEAD}${lines.join("\n")}\n${kept.slice(kept.indexOf("\n## "))}`;
    if (process.env["WRITE_REAL"]) writeFileSync(PAGE, page);
    expect(page).toBe(readFileSync(PAGE, "utf8"));
  });

/** Damaged documents: a verdict or a described refusal, never a crash. The long run is `npm run fuzz`; this is a short one with a fixed seed. */
import { globSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { AppError } from "../../../src/core/errors.ts";
import { canonicalJson } from "../../../src/core/fhir/canonical.ts";
import type { JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import { writeJson } from "../../../src/core/fhir/json/write-json.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { breaches } from "../../../src/core/fhir/xml/xhtml-allow-list.ts";
import { readXhtml } from "../../../src/core/fhir/xml/xhtml.ts";
import { readResource, writeXml } from "../../r4.ts";

const TOKENS = [
  '"',
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "\\",
  "\\ud800",
  "null",
  "1e9",
  "<",
  ">",
  "/>",
  "&",
  "&#0;",
  "<!--",
  "]]>",
  "<?x?>",
  "<div",
  'xmlns="',
  "\u0000",
  "\r",
  "\uFFFE",
  "😀",
].map((token) => Buffer.from(token));

/** Numbers that look random and are the same in every run (xorshift). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function damaged(bytes: Buffer, random: (below: number) => number): Buffer {
  const at = random(bytes.length);
  const end = Math.min(bytes.length, at + random(12));
  switch (random(4)) {
    case 0:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), TOKENS[random(TOKENS.length)] as Buffer, bytes.subarray(at)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
    default: {
      const copy = Buffer.from(bytes);
      copy[at] = random(256);
      return copy;
    }
  }
}

/** Undefined for what has no XML. */
function xmlOf(resource: JsonObject): string | undefined {
  try {
    return writeXml(resource);
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    return undefined;
  }
}

test("two thousand damaged documents", () => {
  const random = numbers(20260314);
  const files = globSync("fixtures/documents/valid/*.{json,xml}").map((file) => ({ file, bytes: readFileSync(file) }));
  const small = files.filter(({ bytes }) => bytes.length < 40_000);
  expect(small.length).toBeGreaterThan(0);
  let refused = 0;
  for (let run = 0; run < 2000; run++) {
    const { file, bytes } = small[run % small.length] as (typeof small)[number];
    const mediaType = file.endsWith(".json") ? "application/fhir+json" : "application/fhir+xml";
    const { resource, issues, source } = readResource(damaged(bytes, random), mediaType, DEFAULT_READ_LIMITS);
    if (resource === undefined) {
      refused++;
      expect(issues.at(-1)).toMatchObject({ severity: "fatal", text: expect.stringMatching(/./) });
      expect(source.positionOf(issues.at(-1)?.offset ?? -1)).toBeDefined();
      continue;
    }
    const xml = xmlOf(resource);
    // What could be written comes back as it was.
    const back = xml === undefined ? undefined : readResource(Buffer.from(xml), "application/fhir+xml", DEFAULT_READ_LIMITS).resource;
    if (xml !== undefined && issues.length === 0) expect(back && canonicalJson(back)).toBe(canonicalJson(resource));
    expect(writeJson(resource)).toContain("resourceType");
  }
  expect(refused).toBeGreaterThan(500);
});

test("damaged narratives", () => {
  const random = numbers(4711);
  const div = Buffer.from(
    '<div xmlns="http://www.w3.org/1999/xhtml"><p class="a">x &amp; y</p><table border="1"><tr><td>1.10</td></tr></table><a href="#b">c</a></div>',
  );
  for (let run = 0; run < 2000; run++) {
    const { root, issues } = readXhtml(damaged(div, random).toString("utf8"));
    expect(root !== undefined || issues.some((issue) => issue.kind === "syntax")).toBe(true);
    if (root) expect(Array.isArray(breaches(root))).toBe(true);
  }
});

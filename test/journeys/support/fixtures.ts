import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { SaxesParser } from "saxes";
import type { MediaType } from "./requests.ts";
import { PROJECT_ROOT } from "./service.ts";

/** A document of fixtures/ as a stranger reads it: with regular expressions and another parser than the program's. */
export interface Fixture {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly mediaType: MediaType;
}

const FOLDER = join(PROJECT_ROOT, "fixtures", "documents", "valid");

export function fixture(name: string): Fixture {
  const bytes = new Uint8Array(readFileSync(join(FOLDER, name)));
  return { name, bytes, text: new TextDecoder().decode(bytes), mediaType: name.endsWith(".xml") ? "application/fhir+xml" : "application/fhir+json" };
}

export function allFixtures(): Fixture[] {
  return readdirSync(FOLDER)
    .filter((name) => /\.(json|xml)$/.test(name))
    .sort()
    .map(fixture);
}

/** Every narrative, letter by letter, in the order of the document. */
export function narrativesOf(text: string): string[] {
  if (isXml(text)) return divsOf(text);
  return [...text.matchAll(/"div"\s*:\s*("(?:[^"\\]|\\.)*")/g)].map(([, div]) => JSON.parse(div as string) as string);
}

/** The text of a narrative as a reader sees it, without any white space. */
export function plainText(div: string): string {
  let text = "";
  const parser = new SaxesParser({ xmlns: true });
  parser.on("text", (piece) => (text += piece));
  parser.on("cdata", (piece) => (text += piece));
  parser.ENTITIES["nbsp"] = "\u00a0";
  parser.ENTITIES["mdash"] = "\u2014";
  parser.write(div).close();
  return withoutSpace(text);
}

export function withoutSpace(text: string): string {
  return text.replace(/[\s\u00a0]+/g, "");
}

/** Every primitive value of a resource as it is written, with how often it occurs: `1.10` is not `1.1`. Narratives are left out. */
export function valuesOf(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  const count = (value: string): void => void counts.set(value, (counts.get(value) ?? 0) + 1);
  if (isXml(text)) {
    const parser = new SaxesParser({});
    parser.on("opentag", ({ attributes }) => {
      for (const name of ["value", "url", "id"]) if (attributes[name] !== undefined) count(attributes[name]);
    });
    // The narratives' own attributes are not FHIR's.
    parser.write(divsOf(text).reduce((rest, div) => rest.replace(div, () => ""), text)).close();
  } else {
    const token = /"(?:[^"\\]|\\.)*"(\s*:)?|-?\d[\d.eE+-]*|true|false/g;
    let name: string | undefined;
    for (const [written, isName] of text.matchAll(token)) {
      if (isName !== undefined) name = written.replace(/\s*:$/, "");
      else if (name !== '"div"' && name !== '"resourceType"') count(written.startsWith('"') ? (JSON.parse(written) as string) : written);
    }
  }
  return counts;
}

/** What `values` has that `others` lacks. */
export function missingFrom(others: ReadonlyMap<string, number>, values: ReadonlyMap<string, number>): string[] {
  return [...values].filter(([value, times]) => (others.get(value) ?? 0) < times).map(([value]) => value);
}

/** The document's title and the titles of its sections, in order. */
export function titlesOf(text: string): string[] {
  const composition = isXml(text) ? /<Composition>[^]*?<\/Composition>/.exec(text)?.[0] : compositionOf(text);
  const pattern = isXml(text) ? /<title value="([^"]*)"/g : /"title"\s*:\s*("(?:[^"\\]|\\.)*")/g;
  return [...(composition ?? "").matchAll(pattern)].map(([, title]) =>
    isXml(text) ? unescapeXml(title as string) : (JSON.parse(title as string) as string),
  );
}

/** The patient's family name. */
export function familyOf(text: string): string {
  const patient = isXml(text) ? /<Patient>[^]*?<\/Patient>/.exec(text)?.[0] : /"resourceType": "Patient"[^]*/.exec(text)?.[0];
  const [, found] = (isXml(text) ? /<family value="([^"]*)"/ : /"family": "([^"]*)"/).exec(patient ?? "") ?? [];
  if (found === undefined) throw new Error("no patient's family name found");
  return unescapeXml(found);
}

/** The outermost divs: a narrative may hold others. */
function divsOf(xml: string): string[] {
  const divs: string[] = [];
  let depth = 0;
  let start = 0;
  for (const tag of xml.matchAll(/<div\b[^>]*?(\/?)>|<\/div>/g)) {
    if (tag[1] === "/") continue;
    if (tag[1] === undefined) depth -= 1;
    else if (depth++ === 0) start = tag.index;
    if (depth === 0 && tag[1] === undefined) divs.push(xml.slice(start, tag.index + tag[0].length));
  }
  return divs;
}

function compositionOf(text: string): string {
  const [entry] = (JSON.parse(text) as { entry: { resource: unknown }[] }).entry;
  return JSON.stringify(entry?.resource);
}

function unescapeXml(text: string): string {
  return text.replace(
    /&(amp|lt|gt|quot|apos);/g,
    (_all, name: "amp" | "lt" | "gt" | "quot" | "apos") => ({ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" })[name],
  );
}

function isXml(text: string): boolean {
  return /^\uFEFF?\s*</.test(text);
}

/**
 * `npm run types [-- FILE or FOLDER...]`: for each type of resource that documents hold, what they use of it and where a page that is generated shows it, as a table in Markdown. What no
 * column takes is listed below the row with its label; what is left out, and why, is a table of docs/design/presentation.md.
 */
import { openR4 } from "../../src/core/fhir/r4/open-r4.ts";
import type { JsonObject } from "../../src/core/fhir/tree/tree.ts";
import { arrangementOf } from "../../src/pipeline/render/generated/arrangements/arrangements.ts";
import { MODIFIERS } from "../../src/pipeline/render/generated/modifiers.ts";
import { filesOf, shownFile, usualFolders } from "./documents.ts";

/** Of every resource alike: who it is, and what stands in all pages. */
const COMMON: ReadonlySet<string> = new Set(["resourceType", "id", "meta", "text", "language", "implicitRules", "contained"]);
/** Shown once for the document, or told where it is another. */
const ABOUT: ReadonlySet<string> = new Set(["subject", "patient"]);

interface Use {
  resources: number;
  readonly documents: Set<string>;
  readonly elements: Map<string, number>;
}

const { definitions } = openR4();
const uses = new Map<string, Use>();
let documents = 0;
for (const file of filesOf(process.argv.length > 2 ? process.argv.slice(2) : usualFolders())) {
  const shown = shownFile(file);
  if (!shown) continue;
  documents += 1;
  for (const { type, resource } of shown.presented.document.entries) {
    for (const one of [resource, ...resource.objects("contained")]) count(one === resource ? type : (one.string("resourceType") ?? "?"), one, file);
  }
}

function count(type: string, resource: JsonObject, file: string): void {
  const use = uses.get(type) ?? { resources: 0, documents: new Set<string>(), elements: new Map<string, number>() };
  uses.set(type, use);
  use.resources += 1;
  use.documents.add(file);
  const properties = definitions.definitionOf(type)?.properties;
  const names = new Set(
    resource.names.filter((name) => !name.startsWith("_")).map((name) => properties?.get(name)?.element.name.replace("[x]", "") ?? name),
  );
  for (const name of names) if (!COMMON.has(name)) use.elements.set(name, (use.elements.get(name) ?? 0) + 1);
}

/** Where a page shows an element of the type. */
function placeOf(type: string, element: string): "column" | "rows" | "mark" | "about" | "below" {
  if (MODIFIERS.has(`${type}.${element}`)) return "mark";
  const arrangement = arrangementOf(type);
  if (arrangement?.columns.some(({ elements }) => elements.includes(element))) return "column";
  if (arrangement?.rows?.some((rows) => rows.element === element)) return "rows";
  return ABOUT.has(element) ? "about" : "below";
}

function listed(type: string, { elements, resources }: Use, place: ReturnType<typeof placeOf>): string {
  const found = [...elements].filter(([name]) => placeOf(type, name) === place).sort(([, one], [, other]) => other - one);
  return found.map(([name, times]) => `${name} ${Math.round((100 * times) / resources)}%`).join(", ");
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
say(`${documents} documents, ${uses.size} types\n`);
say(
  "| type | documents | resources | beside the name | in columns | rows of their own | below the row, with a label |\n|---|---|---|---|---|---|---|",
);
for (const [type, use] of [...uses].sort(([, one], [, other]) => other.documents.size - one.documents.size)) {
  const cells = [listed(type, use, "mark"), listed(type, use, "column"), listed(type, use, "rows"), listed(type, use, "below")];
  const head = type === "Composition" ? `${type} (the page itself)` : arrangementOf(type) ? type : `${type} (element by element)`;
  say(`| ${head} | ${use.documents.size} | ${use.resources} | ${cells.join(" | ")} |`);
}

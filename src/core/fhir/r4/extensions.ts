/** R4's own extensions, from the artefact that `npm run generate` makes; read on the first question and kept. */
import { readFileSync } from "node:fs";
import { bindingsOf, parseTypes, type ArtefactBindings, type Bindings, type ElementType } from "./element-types.ts";

/** What an extension, or a part of one, holds: a value of one of the types, or parts. */
export interface ExtensionContent {
  /** Empty: no value. */
  readonly types: readonly ElementType[];
  /** Of the value. */
  readonly bindings: Bindings;
  /** By url. */
  readonly parts: ReadonlyMap<string, ExtensionPart>;
}

export interface ExtensionPart extends ExtensionContent {
  readonly min: number;
  /** Infinity for `*`. */
  readonly max: number;
}

export interface ExtensionDefinition extends ExtensionContent {
  /** Paths and types that it may stand in, e.g. `Patient`, `HumanName.family`, without [x]; undefined: anywhere. */
  readonly contexts: ReadonlySet<string> | undefined;
  readonly isModifier: boolean;
}

/** The extension of that url; undefined when it is none of R4's own. */
export function extensionDefinition(url: string): ExtensionDefinition | undefined {
  const extensions = table();
  const found = extensions.get(url);
  if (found === undefined || "contexts" in found) return found;
  const [, more] = found;
  const made = { ...contentOf(found), contexts: more?.context && new Set(more.context), isModifier: more?.modifier === true };
  extensions.set(url, made);
  return made;
}

interface More extends ArtefactBindings {
  readonly context?: readonly string[];
  readonly modifier?: true;
  readonly parts?: Readonly<Record<string, PartEntry>>;
}
type Entry = readonly [types: string, more?: More];
type PartEntry = readonly [min: number, max: number, types: string, more?: More];

const CORE = "http://hl7.org/fhir/StructureDefinition/";
let loaded: Map<string, Entry | ExtensionDefinition> | undefined;

function table(): Map<string, Entry | ExtensionDefinition> {
  if (loaded === undefined) {
    const artefact = JSON.parse(readFileSync(new URL("./extensions.json", import.meta.url), "utf8")) as Readonly<Record<string, Entry>>;
    loaded = new Map(Object.entries(artefact).map(([name, entry]) => [name.includes(":") ? name : CORE + name, entry]));
  }
  return loaded;
}

function contentOf([types, more]: Entry): ExtensionContent {
  const parts = Object.entries(more?.parts ?? {}).map(([url, [min, max, ...entry]]): [string, ExtensionPart] => [
    url,
    { min, max: max < 0 ? Infinity : max, ...contentOf(entry) },
  ]);
  return { types: parseTypes(types), bindings: bindingsOf(more ?? {}), parts: new Map(parts) };
}

/** Where something that is generated stands: which document and entry, in whose words, and how much room is left. */
import type { DocumentBundle, BundleEntry } from "../../../core/fhir/document-bundle.ts";
import type { Definitions, TypeDefinition } from "../../../core/fhir/r4/definitions.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Part } from "../html.ts";
import type { Locale } from "../locale.ts";
import type { Mentions } from "./mentions.ts";
import type { Held, Unsaid } from "./unsaid.ts";

/** What a code system calls a code, as it is held here, in English; undefined for what is not held. Never what the sender wrote. */
export type CodeNames = (system: string, code: string) => string | undefined;

export interface RenderContext {
  readonly document: DocumentBundle;
  readonly definitions: Definitions;
  readonly locale: Locale;
  /** For codes without words; undefined: only the code is told. */
  readonly codeNames?: CodeNames | undefined;
  /** The entry whose references are followed from here. */
  readonly entry: BundleEntry;
  /** What was shown and what was only named so far. */
  readonly mentions: Mentions;
  /** Contained resources that are being shown: one that holds a reference to itself would have no end. */
  readonly within: readonly JsonObject[];
  /** Words any value. Handed down, since what is worded holds values itself. */
  readonly speaker: Speaker;
  /** Whether it is read at once: what is folded below a narrative shows no pictures, which stand in the narrative. */
  readonly isOpen: boolean;
  /** The address of a file that stands in the document; undefined where it has none. */
  fileAddress(holder: JsonObject): string | undefined;
}

/** Words values by the type that the definitions give them. What it returns stands in a line, and is empty for what there is nothing to say of. */
export interface Speaker {
  /** Everything at one property. */
  held(held: Held, context: RenderContext): Part;
  /** An object, with everything in it. */
  object(object: JsonObject, type: TypeDefinition | undefined, context: RenderContext): Part;
  /** What nobody took of an object, each with its label. */
  facts(unsaid: Unsaid, context: RenderContext): Part[];
  /** The same in round brackets. */
  rest(unsaid: Unsaid, context: RenderContext): Part;
}

/** Words what it knows of an object of one type; the speaker adds what it leaves. */
export type Wording = (unsaid: Unsaid, context: RenderContext) => Part;

/** The element taken out and worded; empty when it is not there. */
export function said(unsaid: Unsaid, element: string, context: RenderContext): Part {
  const held = unsaid.take(element);
  return held === undefined ? "" : context.speaker.held(held, context);
}

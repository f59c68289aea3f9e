/**
 * Files within a document that present the whole of it as its sender did, such as the PDF that a laboratory issued or the print that a letter was made from. Their users look for them
 * first, and in documents of scanned paper they are all that there is: so they are offered above it, each with what there is to say of any file.
 */
import { conceptText } from "../../../core/fhir/datatypes.ts";
import type { DocumentBundle, BundleEntry } from "../../../core/fhir/document-bundle.ts";
import { resolved } from "../../../core/fhir/party.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { html, type SafeHtml } from "../html.ts";
import { renderContextIn, type GeneratedOptions } from "./generated-section.ts";
import { isBlank, joined } from "./joined.ts";
import { readCode } from "./modifiers.ts";

/** A file, and what it is called by what holds it. */
export interface Original {
  /** An Attachment, or a Binary. */
  readonly holder: JsonObject;
  readonly type: "Attachment" | "Binary";
  readonly name: string | undefined;
}

/** LOINC *Clinical presentation Document*: the section in which Swiss, French and other profiles put the original representation. */
const PRESENTATION = "55108-5";

/** HL7 Europe's extension of Composition (http://hl7.eu/fhir/StructureDefinition/presentedForm) and those of its members: a representation of the entire document. */
const PRESENTED_FORM = /\/presentedForm$/i;

/** What was withdrawn presents nothing; its row below says what became of it. */
const WITHDRAWN: ReadonlySet<string> = new Set(["entered-in-error", "superseded", "cancelled"]);

/** More are no presentation of one document; the sections below have all of them. */
const MOST = 8;

/** Those that stand in the document, each once, the surest first. */
export function originalsOf(document: DocumentBundle): Original[] {
  const { composition } = document;
  const found = [...ofComposition(document), ...ofSections(document, composition.resource)];
  const held = found.flatMap((original) => within(original, document));
  return held.filter(({ holder }, at) => held.findIndex((other) => other.holder === holder) === at).slice(0, MOST);
}

/** What the page says of them; undefined where there is none. */
export function originalPresentation(document: DocumentBundle, options: GeneratedOptions): SafeHtml | undefined {
  const originals = originalsOf(document);
  if (originals.length === 0) return undefined;
  const { locale, definitions } = options;
  const context = renderContextIn(document, options, false);
  const items = originals.map(({ holder, type, name }) => {
    const words = context.speaker.object(holder, definitions.definitionOf(type), context);
    return html`<li>${joined([name === undefined ? "" : html`<bdi>${name}</bdi>`, isBlank(words) ? locale.word("file") : words], ": ")}</li>\n`;
  });
  return html`<div class="originals">
<p>${locale.word(originals.length === 1 ? "original-presentation" : "original-presentations")}</p>
<ul>
${items}</ul>
</div>
`;
}

function ofComposition(document: DocumentBundle): Original[] {
  const { composition } = document;
  const forms = composition.resource.objects("extension").filter((extension) => PRESENTED_FORM.test(extension.string("url") ?? ""));
  // The report that the document is made of (European laboratory reports).
  const reports = composition.resource
    .objects("extension")
    .flatMap((extension) => resolved(document, extension.object("valueReference"), composition) ?? []);
  return [
    ...forms.flatMap((form) => attachments([form.object("valueAttachment")], undefined)),
    ...reports.flatMap((report) => ofEntry(report, document, { isPresentation: false, isWhole: report.type === "DiagnosticReport" })),
  ];
}

function ofSections(document: DocumentBundle, parent: JsonObject): Original[] {
  const sections = parent.objects("section");
  return sections.flatMap((section) => {
    const isPresentation = hasCode(section.object("code"), PRESENTATION);
    // A section of the same kind as the document, or the only one of all, is the document once more.
    const isWhole =
      isPresentation || isAlike(section.object("code"), document) || (parent === document.composition.resource && sections.length === 1);
    const entries = section.objects("entry").flatMap((reference) => resolved(document, reference, document.composition) ?? []);
    return [...entries.flatMap((entry) => ofEntry(entry, document, { isPresentation, isWhole })), ...ofSections(document, section)];
  });
}

/** What kind of section an entry stands in. */
interface Standing {
  readonly isPresentation: boolean;
  readonly isWhole: boolean;
}

function ofEntry({ type, resource }: BundleEntry, document: DocumentBundle, { isPresentation, isWhole }: Standing): Original[] {
  if ([resource.string("status"), resource.string("docStatus")].some((status) => status !== undefined && WITHDRAWN.has(readCode(status)))) return [];
  if (isAboutAnother(resource, document)) return [];
  if (type === "Binary") return isPresentation || (isWhole && isDocument(resource)) ? [{ holder: resource, type: "Binary", name: undefined }] : [];
  const kinds = [resource.object("type"), resource.object("code"), ...resource.objects("category")];
  const isOriginal = isWhole || kinds.some((kind) => hasCode(kind, PRESENTATION) || isAlike(kind, document)) || isSame(resource, document);
  // Of one result among others in a letter, its print is not the letter's.
  if (type === "DiagnosticReport") return isOriginal ? attachments(resource.objects("presentedForm"), conceptText(resource.object("code"))) : [];
  if (type === "Media") return isPresentation ? attachments([resource.object("content")], undefined) : [];
  if (type !== "DocumentReference") return [];
  const contents = resource.objects("content").map((content) => content.object("attachment"));
  return isOriginal ? attachments(contents, resource.string("description") ?? conceptText(resource.object("type"))) : [];
}

function attachments(holders: readonly (JsonObject | undefined)[], name: string | undefined): Original[] {
  return holders.flatMap((holder) => (holder === undefined ? [] : [{ holder, type: "Attachment", name }]));
}

/** A file that stands in the document: by itself, or as a Binary that an attachment leads to. */
function within(original: Original, document: DocumentBundle): Original[] {
  if (original.holder.string("data") !== undefined) return [original];
  const url = original.holder.string("url");
  const entry = url === undefined ? undefined : document.resolve(url, document.composition);
  const name = original.holder.string("title") ?? original.name;
  return entry?.type === "Binary" && entry.resource.string("data") !== undefined ? [{ holder: entry.resource, type: "Binary", name }] : [];
}

/** A file that pages are made of; not a picture, a curve or a signature. */
function isDocument(binary: JsonObject): boolean {
  const type = binary.string("contentType")?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return /^(?:application\/(?:pdf|rtf|msword|vnd\.(?:openxmlformats|oasis)[\w.-]*)|text\/(?:html|rtf|plain)|image\/tiff)$/.test(type);
}

function hasCode(concept: JsonObject | undefined, code: string): boolean {
  return concept?.objects("coding").some((coding) => coding.string("code") === code && isLoinc(coding.string("system"))) ?? false;
}

function isLoinc(system: string | undefined): boolean {
  return system === "http://loinc.org" || system === "urn:oid:2.16.840.1.113883.6.1";
}

/** Whether a concept has a code of the document's own type. */
function isAlike(concept: JsonObject | undefined, { composition }: DocumentBundle): boolean {
  const types = composition.resource.object("type")?.objects("coding") ?? [];
  return (
    concept?.objects("coding").some((coding) => {
      const [system, code] = [coding.string("system"), coding.string("code")];
      return code !== undefined && types.some((type) => type.string("code") === code && type.string("system") === system);
    }) ?? false
  );
}

/** Whether a resource says by its identifier that it is this document. */
function isSame(reference: JsonObject, { bundle, composition }: DocumentBundle): boolean {
  const own = [bundle.object("identifier"), composition.resource.object("identifier")].map((identifier) => identifier?.string("value"));
  return [reference.object("masterIdentifier"), ...reference.objects("identifier")].some((identifier) => {
    const value = identifier?.string("value");
    return value !== undefined && own.includes(value);
  });
}

/** Whether it is known to be about somebody else than the document's patient: then it stands in its section alone, where that is said. */
function isAboutAnother(resource: JsonObject, document: DocumentBundle): boolean {
  const { composition } = document;
  const subject = resolved(document, resource.object("subject"), composition);
  return subject !== undefined && subject !== resolved(document, composition.resource.object("subject"), composition);
}

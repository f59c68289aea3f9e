/** The documents that are looked at. Also those that the gate refuses, as long as they can be read: their pages could be asked for under a softer policy. */
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { digestOf } from "../../src/core/crypto/digest.ts";
import { openDocument, type DocumentBundle } from "../../src/core/fhir/document-bundle.ts";
import { DEFAULT_READ_LIMITS } from "../../src/core/fhir/reading/read-limits.ts";
import { readXhtml, type XhtmlElement } from "../../src/core/fhir/xml/xhtml.ts";
import type { JsonObject } from "../../src/core/fhir/tree/tree.ts";
import type { PresentedDocument } from "../../src/pipeline/render/pages/presented.ts";
import { PROJECT_ROOT } from "../journeys/support/service.ts";
import { receive } from "../r4.ts";

/** Where documents that are none of ours may lie, beside the checkout: see its README. */
const CASES = join(PROJECT_ROOT, "..", "shared", "cases");

const FOLDERS = [join(PROJECT_ROOT, "fixtures", "documents", "valid"), join(PROJECT_ROOT, "fixtures", "hostile", "accepted")];

/** As long as one is, which is longer than a line of a telephone. */
const CHECKPOINT = `visibility.example/log/a6e9693c\n1\n${"A".repeat(43)}=\n\n— visibility.example/log/a6e9693c ${"A".repeat(91)}=\n`;

/** The folders that are looked at when none is named; those of `cases` only where they are. */
export function usualFolders(cases = CASES): string[] {
  return [...FOLDERS, join(cases, "documents"), join(cases, "reports")].filter((folder) => existsSync(folder));
}

/** Every file of the folders (or the file itself) that may be a document, sorted. */
export function filesOf(places: readonly string[]): string[] {
  return places.flatMap((place) => {
    if (statSync(place).isFile()) return [place];
    const found = readdirSync(place, { recursive: true, withFileTypes: true });
    const names = found.filter((one) => one.isFile() && /\.(?:json|xml)$/.test(one.name) && one.name !== "index.json");
    return names.map((one) => join(one.parentPath, one.name)).sort();
  });
}

export interface Shown {
  readonly name: string;
  readonly presented: PresentedDocument;
  /** The words of each narrative that is shown, white space left out. */
  readonly narratives: readonly string[];
}

/** The document in a file as the view gets it; undefined when it cannot be read, or is no document. */
export function shownFile(file: string): Shown | undefined {
  const bytes = new Uint8Array(readFileSync(file));
  const mediaType = file.endsWith(".xml") ? "application/fhir+xml" : "application/fhir+json";
  const receivedAt = new Date("2026-03-20T12:00:00Z");
  const intake = receive({ bytes, mediaType }, DEFAULT_READ_LIMITS);
  if (intake.kind === "unreadable" || intake.received.resource.string("resourceType") !== "Bundle") return undefined;
  const document = opened(intake.received.resource);
  if (document === undefined) return undefined;
  const name = relative(PROJECT_ROOT, file);
  const presented: PresentedDocument = {
    id: "00000000-0000-4000-8000-000000000000",
    document,
    receivedAt: receivedAt.toISOString(),
    mediaType,
    submitter: "unauthenticated",
    bytesDigest: digestOf(bytes),
    canonicalDigest: digestOf(bytes),
    position: { index: 0, treeSize: 1, checkpoint: CHECKPOINT },
    signatures: [],
    seal: {
      ...{ place: "seal", form: "jws", block: "valid", content: "valid", certificate: "valid", signer: "not-checked" },
      ...{ standing: "trusted", role: "other", explanation: "A harness's." },
    },
    relations: [],
    warnings: [],
    url: "http://127.0.0.1/documents/0",
  };
  return { name, presented, narratives: narrativesOf(document) };
}

function opened(bundle: JsonObject): DocumentBundle | undefined {
  try {
    return openDocument(bundle);
  } catch {
    return undefined;
  }
}

function narrativesOf(document: DocumentBundle): string[] {
  const { composition } = document;
  const subject = composition.resource.object("subject")?.string("reference");
  const holders = [subject === undefined ? undefined : document.resolve(subject, composition)?.resource, ...withSections(composition.resource)];
  return holders.flatMap((holder) => {
    const div = holder?.object("text")?.string("div");
    const { root } = readXhtml(div ?? "");
    return root === undefined ? [] : [textOf(root).replace(/\s+/g, "")];
  });
}

function withSections(holder: JsonObject): JsonObject[] {
  return [holder, ...holder.objects("section").flatMap(withSections)];
}

function textOf(element: XhtmlElement): string {
  return element.children.map((child) => (typeof child === "string" ? child : textOf(child))).join("");
}

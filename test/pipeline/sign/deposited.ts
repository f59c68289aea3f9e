/** A small repository in memory: what a deposit leaves behind, for tests of what can be proved by it. */
import type { SignatureCheck } from "../../../src/core/signatures/signature-check.ts";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKeyFolder } from "../../../src/adapters/keys/key-folder.ts";
import { formatCheckpoint } from "../../../src/core/crypto/checkpoint.ts";
import { newDocumentKey } from "../../../src/core/envelope.ts";
import type { Keys } from "../../../src/core/crypto/keys.ts";
import { inclusionProof, leafHash, nodesCompletedBy, rootOf, withNodes, type FetchNodes } from "../../../src/core/crypto/merkle.ts";
import { sealHeader } from "../../../src/core/signatures/seal.ts";
import type { DocumentBundle } from "../../../src/core/fhir/document-bundle.ts";
import { readJson } from "../../../src/core/fhir/json/read-json.ts";
import type { JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { SourceText } from "../../../src/core/fhir/reading/source-text.ts";
import { openKeptDocument } from "../../../src/core/formats/kept-document.ts";
import { formatReceipt } from "../../../src/core/formats/receipt.ts";
import { formatTrust, trustOf } from "../../../src/core/formats/trust.ts";
import type { Description, Sealed, Validated } from "../../../src/pipeline/document-forms.ts";
import { prepareDocument, recognise, sealDocument } from "../../../src/pipeline/sign/seal.ts";

export const RECEIVED_AT = new Date("2026-03-14T08:31:00.123Z");

/** Keys made for a test in a folder that is gone again. */
export async function temporaryKeys(now: Date = new Date("2026-01-01T00:00:00Z")): Promise<Keys> {
  const folder = await mkdtemp(join(tmpdir(), "keys-"));
  try {
    return await openKeyFolder(join(folder, "keys"), { now });
  } finally {
    await rm(folder, { recursive: true });
  }
}

export function treeOfText(text: string): JsonObject {
  const { resource, issues } = readJson(new SourceText(text), DEFAULT_READ_LIMITS);
  if (resource === undefined || issues.length > 0) throw new Error(`not JSON: ${JSON.stringify(issues)}`);
  return resource;
}

/** A document Bundle as small as they come. */
export function sampleDocument(value: string, extra: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify(
    {
      resourceType: "Bundle",
      id: "sent",
      meta: { profile: ["http://example.org/profile"] },
      identifier: { system: "urn:ietf:rfc:3986", value },
      type: "document",
      timestamp: "2026-03-14T09:30:00+01:00",
      entry: [
        {
          fullUrl: "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0",
          resource: {
            resourceType: "Composition",
            status: "final",
            type: { text: "Discharge summary" },
            author: [{ reference: "urn:uuid:1c3151bd-1cbf-4d64-b04d-cd9187a4c6e0" }],
            attester: [{ mode: "legal", party: { reference: "urn:uuid:2c3151bd-1cbf-4d64-b04d-cd9187a4c6e0" } }],
            title: "Überweisung 'ß' \u2028 <b>&amp;",
            section: [
              {
                title: "Labs",
                text: { status: "generated", div: '<div xmlns="http://www.w3.org/1999/xhtml"><b class="x" id="a">K&#160;4.0</b><br/></div>' },
              },
            ],
          },
        },
        { fullUrl: "urn:uuid:1c3151bd-1cbf-4d64-b04d-cd9187a4c6e0", resource: { resourceType: "Practitioner", name: [{ family: "Meyer" }] } },
        {
          fullUrl: "urn:uuid:2c3151bd-1cbf-4d64-b04d-cd9187a4c6e0",
          resource: { resourceType: "PractitionerRole", practitioner: { reference: "urn:uuid:1c3151bd-1cbf-4d64-b04d-cd9187a4c6e0" } },
        },
      ],
      ...extra,
    },
    undefined,
    1,
  );
}

const KEYS = new Map<string, Uint8Array>();

/** The key of a document that was sealed here. */
export function keyOf(id: string): Uint8Array {
  const key = KEYS.get(id);
  if (!key) throw new Error(`no document ${id} was sealed`);
  return key;
}

export async function seal(
  text: string,
  id: string,
  keys: Keys,
  mediaType: "application/fhir+json" | "application/fhir+xml" = "application/fhir+json",
  resource = treeOfText(text),
  checks: readonly SignatureCheck[] = [],
): Promise<Sealed> {
  const validated: Validated = {
    bytes: new TextEncoder().encode(text),
    mediaType,
    source: new SourceText(text),
    resource,
    readingIssues: [],
    issues: [{ severity: "warning", code: "value", rule: "some-rule", text: "Look at it." }],
    document: {} as DocumentBundle,
    policy: { version: "default/1", rules: "r4/1" },
    relaxed: [],
    decided: [],
  };
  const documentKey = newDocumentKey();
  const prepared = prepareDocument(validated, recognise(resource), {
    submission: { receivedAt: RECEIVED_AT, asked: { caller: { kind: "unauthenticated" }, channel: "rest", requestId: "r-1" } },
    checks,
    id,
    documentKey,
    sealHeader: sealHeader(keys.seal, RECEIVED_AT),
    description: {} as Description,
    software: "chartulary/0.1.0",
  });
  const documentKeys = { wrap: (documentId: string, key: Uint8Array) => Promise.resolve(void KEYS.set(documentId, key)) };
  return sealDocument(prepared, documentKey, { keys, documentKeys });
}

export function idOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

/** Receipts, as texts, of documents that entered one log together. */
export async function receiptsOf(documents: readonly Sealed[], keys: Keys): Promise<string[]> {
  const size = documents.length;
  const empty: FetchNodes = (places) => (places.length === 0 ? Promise.resolve([]) : Promise.reject(new Error("the log was empty")));
  const fetch = withNodes(
    await nodesCompletedBy(
      0,
      documents.map((document) => leafHash(document.leaf)),
      empty,
    ),
    empty,
  );
  const checkpoint = await keys.log.sign(formatCheckpoint({ origin: keys.log.origin, size, root: await rootOf(size, fetch) }));
  return Promise.all(
    documents.map(async (document, index) => {
      const { evidence } = openKeptDocument(document.id, document, keyOf(document.id));
      return formatReceipt({
        leaf: document.leaf,
        index,
        treeSize: size,
        inclusionProof: await inclusionProof(index, size, fetch),
        checkpoint,
        seals: [evidence.seal],
        salt: evidence.salt,
      });
    }),
  );
}

export function trustText(keys: Keys): string {
  return formatTrust(trustOf(keys));
}

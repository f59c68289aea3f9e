/** Documents and subscriptions for tests of what is matched. */
import { randomUUID } from "node:crypto";
import { openDocument, type DocumentBundle } from "../../src/core/fhir/document-bundle.ts";
import { JsonObject, treeOf } from "../../src/core/fhir/tree/tree.ts";
import { ArrivedDocument } from "../../src/events/arrived-document.ts";
import type { Happening } from "../../src/events/happened.ts";
import type { HeldSubscription, Wanted } from "../../src/events/subscription.ts";
import { ResourceDescriber } from "../../src/search/describe-resources.ts";
import { packed } from "../../src/search/packed-resources.ts";
import { R4, SEARCH_PARAMETERS } from "../r4.ts";
import { BASE } from "../search/query/found.ts";

export const DOCUMENT = "0b8e3a52-8f0f-4a3c-9c58-3f0b1f4f6a01";
export const AT = "2026-03-14T12:00:00.000Z";
export const CONTEXT = { definitions: R4.definitions, parameters: SEARCH_PARAMETERS, terminology: R4.terminology, base: BASE };

/** A document that a Composition leads, with these resources behind it. */
export function documentOf(resources: readonly object[]): DocumentBundle {
  const entry = [{ resourceType: "Composition", id: "composition" }, ...resources].map((resource) => {
    const { resourceType, id } = resource as { readonly resourceType: string; readonly id: string };
    return { fullUrl: `https://elsewhere.example/fhir/${resourceType}/${id}`, resource };
  });
  return openDocument(treeOf({ resourceType: "Bundle", type: "document", entry }) as JsonObject);
}

/** The same as it is matched: described as the index describes it, by way of threads. */
export function arrived(document: DocumentBundle, isSuperseded = false): ArrivedDocument {
  const describer = new ResourceDescriber(R4, SEARCH_PARAMETERS, { systems: new Set(), hasFullText: true });
  const about = { documentId: DOCUMENT, receivedAt: AT, mediaType: "application/fhir+json" };
  const parts = [describer.header(document, about), describer.rest(document, undefined)].map(({ resources }) => ({
    text: packed(resources).text,
    ids: [],
  }));
  return new ArrivedDocument({ id: DOCUMENT, receivedAt: AT, isSuperseded }, parts);
}

export function happening(document: ArrivedDocument, over: Partial<Happening> = {}): Happening {
  return { kind: "deposited", position: 5, at: AT, documentId: DOCUMENT, document: () => Promise.resolve(document), ...over };
}

export function subscription(wanted: Wanted, over: Partial<HeldSubscription> = {}): HeldSubscription {
  return {
    ...{ id: randomUUID(), version: 1, at: AT, status: "active", owner: { kind: "unauthenticated" }, wanted },
    ...{ channel: { type: "websocket", headers: [] }, from: 0, shown: new JsonObject() },
    ...over,
  };
}

export function search(query: string, over: Partial<HeldSubscription> = {}): HeldSubscription {
  const [type = "", parameters = ""] = query.split("?");
  return subscription({ kind: "search", type, query: parameters }, over);
}

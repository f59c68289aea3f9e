/** Documents for tests of an index: made up, since an index looks into none of what it is given but keys, terms and facts. */
import { randomUUID } from "node:crypto";
import type { DocumentSummary } from "../../src/pipeline/document-forms.ts";
import type { DocumentLinks, IndexStep, NewDocument } from "../../src/search/index-port.ts";
import type { IndexedResources } from "../../src/search/resource-index.ts";
import type { DecisionFacts } from "../../src/search/predicate.ts";

export interface DocumentOptions {
  readonly from: number;
  readonly to?: number;
  readonly summary?: Partial<DocumentSummary>;
  readonly links?: Partial<DocumentLinks>;
  readonly terms?: readonly string[];
  readonly facts?: Partial<DecisionFacts>;
  readonly header?: IndexedResources;
  /** A message of an identity feed. */
  readonly isOfFeed?: true;
}

export const NO_FACTS: DecisionFacts = {
  patient: [],
  custodian: [],
  organisation: [],
  type: [],
  confidentiality: [],
  labels: [],
  clearance: [],
  status: [],
  authors: [],
  related: [],
  codes: [],
  written: [],
};

/** A document that nobody has seen before. */
export function newDocument({ from, to, summary, links, terms = [], facts, header = [], isOfFeed }: DocumentOptions): NewDocument {
  const id = summary?.id ?? randomUUID();
  return {
    from,
    ...(to !== undefined && { to }),
    summary: {
      title: "Discharge letter",
      type: "Discharge summary",
      status: "final",
      timestamp: "2026-03-14T09:30:00+01:00",
      date: "2026-03-14",
      receivedAt: "2026-03-14T09:30:01.000Z",
      patientIdentifiers: [],
      authors: [],
      ...summary,
      id,
    },
    links: { ownKeys: [], claims: [], subjectKeys: [], custodianKeys: [], compositionKeys: [], ...links },
    ...(isOfFeed && { isOfFeed }),
    terms,
    header,
    facts: { ...NO_FACTS, ...facts },
  };
}

/** A step that takes in these documents, one an entry. */
export function stepOf(documents: readonly NewDocument[], from = documents[0]?.from ?? 0): IndexStep {
  return { from, to: from + documents.length, mark: `mark ${from + documents.length}`, documents, closed: [], removed: [] };
}

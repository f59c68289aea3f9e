/** The stages that a document passes through, each as what it costs alone: made ready from what came before, then measured. */
import { fontFacesFor } from "../../src/adapters/fonts/font-faces.ts";
import { openFontShelf, type FontShelf } from "../../src/adapters/fonts/font-shelf.ts";
import { answerHere } from "../../src/core/signatures/document-signature.ts";
import { NOTHING_CHECKED } from "../../src/core/signatures/signature-check.ts";
import { canonicalDocument } from "../../src/core/fhir/canonical.ts";
import { digestOf } from "../../src/core/crypto/digest.ts";
import { isError, operationOutcome, type Issue } from "../../src/core/fhir/issue.ts";
import { writeJson } from "../../src/core/fhir/json/write-json.ts";
import { openR4 } from "../../src/core/fhir/r4/open-r4.ts";
import { DEFAULT_READ_LIMITS } from "../../src/core/fhir/reading/read-limits.ts";
import { writeXml } from "../../src/core/fhir/xml/write-xml.ts";
import type { SourceText } from "../../src/core/fhir/reading/source-text.ts";
import { receive } from "../../src/pipeline/intake/receive.ts";
import type { FhirMediaType, Received, Validated } from "../../src/pipeline/document-forms.ts";
import { createWorkerJudge } from "../../src/pipeline/render/narrative/worker-judge.ts";
import type { NarrativeJudge } from "../../src/pipeline/render/narrative/judge.ts";
import { createPages, type RenderedPages } from "../../src/pipeline/render/pages/pages.ts";
import type { PresentedDocument } from "../../src/pipeline/render/pages/presented.ts";
import { admit } from "../../src/pipeline/validate/admit.ts";
import { DEFAULT_POLICY } from "../../src/pipeline/validate/policy.ts";
import { createValidator } from "../../src/pipeline/validate/validate.ts";
import type { IndexedDocument } from "../../src/search/index-port.ts";
import { describeDocument } from "../../src/search/describe-document.ts";
import { relationsOf } from "../../src/search/supersession.ts";
import { verifyFile } from "../../src/pipeline/verify/verify-file.ts";

const knowledge = openR4();
const { definitions } = knowledge;
const validator = createValidator({ ...knowledge, policy: DEFAULT_POLICY });

/** What one document has become on its way; a stage takes what it needs and leaves what it makes. */
export interface Passage {
  readonly bytes: Uint8Array;
  readonly mediaType: FhirMediaType;
  received?: Received;
  source?: SourceText;
  issues?: readonly Issue[];
  validated?: Validated;
  xml?: Uint8Array;
  page?: string;
  /** Why it went no further: the rule of the first error. */
  refusedBy?: string;
}

export interface Stage {
  readonly name: string;
  /** `worker`: what is done off the event loop. */
  readonly place: "loop" | "worker";
  /** Whether there is anything to do for a document that came so far. */
  applies(passage: Passage): boolean;
  /** What it works on, in bytes, when that is not what was sent. */
  size?(passage: Passage): number;
  run(passage: Passage): void | Promise<void>;
}

/** What stages work with that is made once. */
export interface Workshop {
  readonly pages: RenderedPages;
  readonly judgedPages: RenderedPages;
  readonly shelf: FontShelf;
  close(): Promise<void>;
}

const FHIR_BASE = "http://127.0.0.1:8080/fhir";
const RECEIVED_AT = new Date("2026-03-14T10:00:00Z");
/** Passes everything: what the event loop does is measured without waiting for the worker. */
const PASSING: NarrativeJudge = { rules: "none", judge: () => Promise.resolve({ kind: "clean" }), close: () => Promise.resolve() };

export function openWorkshop(): Workshop {
  const judge = createWorkerJudge();
  const pagesWith = (one: NarrativeJudge): RenderedPages =>
    createPages({
      definitions: knowledge.definitions,
      judge: one,
      verdicts: { get: () => undefined, put: () => undefined },
      onPlain: () => undefined,
      isOpen: true,
      depositAddress: `${FHIR_BASE}/Bundle`,
      now: () => RECEIVED_AT,
    });
  return { pages: pagesWith(PASSING), judgedPages: pagesWith(judge), shelf: openFontShelf(), close: () => judge.close() };
}

/** In their order: a stage may need what an earlier one made. */
export function stagesIn({ pages, judgedPages, shelf }: Workshop): readonly Stage[] {
  const summaryOf = (validated: Validated, id: string): IndexedDocument => ({
    ...describeDocument(validated.document, { id, receivedAt: RECEIVED_AT.toISOString(), systems: new Set() }),
    from: 0,
  });
  const isValid = ({ validated }: Passage): boolean => validated !== undefined;
  return [
    { name: "read", place: "loop", applies: () => true, run: read },
    {
      name: "validate",
      place: "loop",
      applies: ({ received }) => received !== undefined,
      run: (passage) => {
        const admission = admit(passage.received as Received, validator);
        if (admission.kind === "validated") passage.validated = admission.validated;
        else {
          passage.issues = admission.issues;
          passage.refusedBy = admission.issues.find(isError)?.rule ?? "no error";
        }
      },
    },
    {
      name: "outcome",
      place: "loop",
      applies: ({ issues }) => issues !== undefined,
      run: ({ issues, source }) => void writeJson(operationOutcome(issues ?? [], source)),
    },
    {
      name: "check page",
      place: "loop",
      applies: ({ issues }) => issues !== undefined,
      run: ({ issues = [], source }) =>
        void pages.check({ name: "file", verdict: "refused", issues, source: source as SourceText }, { locale: "en" }),
    },
    {
      name: "refusal page",
      place: "loop",
      applies: ({ issues }) => issues !== undefined,
      run: ({ issues = [], source }) => void pages.refusal({ issues, source }, { locale: "en" }),
    },
    {
      name: "canonicalise",
      place: "loop",
      applies: ({ received }) => received !== undefined,
      run: ({ received }) => void digestOf(canonicalDocument((received as Received).resource)),
    },
    {
      // A service asks a worker for those of documents of 100 kB and more.
      name: "signatures",
      place: "worker",
      applies: ({ received }) => received?.resource.has("signature") === true,
      run: async ({ received, bytes, mediaType }) => {
        const isXml = mediaType === "application/fhir+xml";
        await answerHere(definitions)({ bundle: (received as Received).resource, bytes, isXml, trust: { signers: [] }, receivedAt: RECEIVED_AT });
      },
    },
    { name: "describeDocument", place: "loop", applies: isValid, run: ({ validated }) => void summaryOf(validated as Validated, "1") },
    {
      name: "relate",
      place: "loop",
      applies: isValid,
      run: ({ validated }) => {
        const [one, other] = [summaryOf(validated as Validated, "1"), summaryOf(validated as Validated, "2")];
        const unlike = {
          ...other,
          links: {
            ...other.links,
            subjectKeys: other.links.subjectKeys.map((key) => `${key}-`),
            custodianKeys: other.links.custodianKeys.map((key) => `${key}-`),
          },
        };
        const found = [other, unlike];
        relationsOf({ document: one, claimants: found, versions: found, targets: found });
      },
    },
    {
      name: "write xml",
      place: "loop",
      applies: isValid,
      run: (passage) => {
        passage.xml = Buffer.from(writeXml((passage.validated as Validated).resource, definitions, { pretty: true }));
      },
    },
    {
      name: "read xml",
      place: "loop",
      applies: ({ xml }) => xml !== undefined,
      size: ({ xml }) => xml?.length ?? 0,
      run: ({ xml }) => void receive({ bytes: xml as Uint8Array, mediaType: "application/fhir+xml" }, DEFAULT_READ_LIMITS, definitions),
    },
    {
      name: "page",
      place: "loop",
      applies: isValid,
      run: async ({ validated }) => {
        await pages.document(presented(validated as Validated), { locale: "en", medium: "screen" });
      },
    },
    {
      name: "print (prepare)",
      place: "loop",
      applies: isValid,
      run: async ({ validated }) => {
        const page = await pages.document(presented(validated as Validated), { locale: "en", medium: "print" });
        await fontFacesFor(page, "en", shelf);
      },
    },
    {
      name: "judge",
      place: "worker",
      applies: isValid,
      run: async ({ validated }) => {
        await judgedPages.document(presented(validated as Validated), { locale: "en", medium: "screen" });
      },
    },
    {
      name: "verify",
      place: "loop",
      applies: isValid,
      run: async ({ bytes }) => {
        await verifyFile({ bytes, definitions });
      },
    },
  ];
}

function read(passage: Passage): void {
  const intake = receive({ bytes: passage.bytes, mediaType: passage.mediaType }, DEFAULT_READ_LIMITS, definitions);
  if (intake.kind === "received") {
    passage.received = intake.received;
    passage.source = intake.received.source;
  } else {
    passage.issues = intake.issues;
    passage.source = intake.source;
    passage.refusedBy = intake.issues.find(({ severity }) => severity === "fatal")?.rule ?? "unreadable";
  }
}

function presented({ document, mediaType }: Validated): PresentedDocument {
  const digest = `sha256:${"0".repeat(64)}`;
  return {
    isUndeposited: true,
    id: "",
    document,
    receivedAt: RECEIVED_AT.toISOString(),
    mediaType,
    submitter: "",
    bytesDigest: digest,
    canonicalDigest: digest,
    position: { index: 0, treeSize: 0, checkpoint: "" },
    signatures: [],
    seal: { ...NOTHING_CHECKED, place: "seal", form: "other", standing: "none", role: "unknown", explanation: "" },
    relations: [],
    warnings: [],
    url: "",
  };
}

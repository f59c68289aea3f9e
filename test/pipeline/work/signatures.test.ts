import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "@jest/globals";
import { askedByProgram } from "../../../src/core/asked.ts";
import { newDocumentKey } from "../../../src/core/envelope.ts";
import { parseDepositRecord } from "../../../src/core/formats/deposit-record.ts";
import { treeOf } from "../../../src/core/fhir/tree/tree.ts";
import { writeJson } from "../../../src/core/fhir/json/write-json.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { CHECKER_LIMITS, createSignatureChecker } from "../../../src/pipeline/sign/signature-checker.ts";
import type { SignatureCheck } from "../../../src/pipeline/document-forms.ts";
import { DEFAULT_POLICY } from "../../../src/pipeline/validate/policy.ts";
import { createWorkerWork } from "../../../src/pipeline/work/worker-work.ts";
import type { Work } from "../../../src/pipeline/work/work.ts";
import { INDEX_TOOLS, answerHere, R4, VALIDATOR } from "../../r4.ts";
import { treeOfText } from "../sign/deposited.ts";

const opened: { close(): Promise<void> }[] = [];
afterAll(() => Promise.all(opened.map((one) => one.close())));

const DOCUMENT = readFileSync(new URL("../../../fixtures/documents/valid/discharge-letter-arabic.json", import.meta.url), "utf8");

const none = (): never => {
  throw new Error("nothing of that is asked here");
};

/** Work whose long signatures go to a checker with these limits; up to `inlineBytes` on the event loop. */
function workers(limits: Partial<typeof CHECKER_LIMITS>, inlineBytes = -1): Work {
  const checker = createSignatureChecker(R4.definitions, DEFAULT_READ_LIMITS, { ...CHECKER_LIMITS, ...limits });
  const work = createWorkerWork({
    tools: {
      validator: VALIDATOR,
      answerSignatures: answerHere,
      trust: undefined,
      sealCertificates: () => [],
      earlierDeposit: () => Promise.resolve(undefined),
      ...INDEX_TOOLS,
      pages: none,
    },
    facts: {
      policy: DEFAULT_POLICY,
      judge: "none",
      isOpen: true,
      depositAddress: "",
      systems: new Set<string>(),
      hasFullText: true,
      trust: undefined,
      sheets: [],
    },
    module: new URL("../../../src/main/task-worker.ts", import.meta.url),
    questions: {
      ...{ verdict: none, keepVerdict: none, judge: none, signature: checker.ask, plain: none },
      seals: () => [],
      ...{ earlier: () => Promise.resolve(undefined), revocations: () => Promise.resolve([]) },
    },
    processors: 2,
    limits: { inlineBytes },
  });
  opened.push(work, checker);
  return work;
}

/** The recorded results of a document that bears this signature. */
async function checksOf(work: Work, data: string): Promise<readonly SignatureCheck[]> {
  const bundle = treeOfText(DOCUMENT);
  if (bundle.has("signature")) throw new Error("the sample is signed already");
  bundle.add("signature", signature(data));
  const bytes = new TextEncoder().encode(writeJson(bundle));
  const request = {
    submission: { bytes, mediaType: "application/fhir+json", receivedAt: new Date(), asked: askedByProgram("test") } as const,
    limits: DEFAULT_READ_LIMITS,
    id: randomUUID(),
    documentKey: newDocumentKey(),
    sealHeader: "e30",
    software: "test",
  };
  const admitted = await work.do("admit", request, { bytes: bytes.length });
  if (admitted.kind !== "admitted") throw new Error(JSON.stringify(admitted));
  return parseDepositRecord(admitted.prepared.deposit).signatures;
}

const signature = (data: string) =>
  treeOf({
    type: [{ system: "urn:iso-astm:E1762-95:2013", code: "1.2.840.10065.1.12.1.1" }],
    when: "2026-03-14T08:00:00Z",
    who: { display: "A. Meyer" },
    data: Buffer.from(data).toString("base64"),
  });

const longOf = (length: number): string => `<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><Object>${"x".repeat(length)}</Object></Signature>`;
const LONG = longOf(CHECKER_LIMITS.signatureHere);

test("a signature whose check meets a limit is told as not checked, and costs the document nothing else", async () => {
  const [check] = await checksOf(workers({ time: 1, timePerByte: 0 }), longOf(2_000_000));
  expect(check).toMatchObject({ place: "Bundle.signature", block: "not-checked", content: "not-checked" });
  expect(check?.explanation).toMatch(/took longer than the 0 seconds/);
});

test("within the limits a thread and the event loop come to the same", async () => {
  const here = workers({}, 1_000_000);
  const there = workers({});
  for (const data of [LONG, "a.b.c", "<x/>"]) expect(await checksOf(there, data)).toEqual(await checksOf(here, data));
});

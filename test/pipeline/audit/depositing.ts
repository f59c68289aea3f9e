/** Deposits into a repository on any engine, in this thread. */
import { randomUUID } from "node:crypto";
import { askedByProgram } from "../../../src/core/asked.ts";
import type { Keys } from "../../../src/core/crypto/keys.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { deposit, type DepositContext } from "../../../src/pipeline/deposit.ts";
import { honourErasures } from "../../../src/pipeline/erasures.ts";
import type { Ledger } from "../../../src/pipeline/log/ledger.ts";
import { createDocumentKeys, type WrappedKeys } from "../../../src/pipeline/store/document-keys.ts";
import type { RecordStore } from "../../../src/pipeline/store/record-store.ts";
import { createInlineWork } from "../../../src/pipeline/work/inline-work.ts";
import type { Work } from "../../../src/pipeline/work/work.ts";
import { TOOLS } from "../../http/house.ts";

export interface Depositing {
  readonly gate: { admit(at: Date): Promise<Date> };
  readonly work: Work;
  readonly context: DepositContext;
  /** Deposits a document in JSON; gives its id. */
  put(body: string): Promise<string>;
}

export function depositingInto(
  { keys, store, wrappedKeys }: { readonly keys: Keys; readonly store: RecordStore; readonly wrappedKeys: WrappedKeys },
  ledger: Ledger,
): Depositing {
  const gate = { admit: (at: Date) => Promise.resolve(at) };
  const work = createInlineWork({
    ...TOOLS,
    sealCertificates: () => keys.sealCertificates,
    pages: () => Promise.reject(new Error("no page is made")),
    earlierDeposit: () => Promise.resolve(undefined),
  });
  const documentKeys = honourErasures(createDocumentKeys(keys, wrappedKeys), store);
  const context: DepositContext = {
    ...{ limits: DEFAULT_READ_LIMITS, work, keys, ledger, gate, store, documentKeys },
    software: "chartulary/test",
    fhirBase: "http://x/fhir",
    newId: () => randomUUID(),
    takeIn: () => Promise.resolve(),
  };
  const put = async (body: string): Promise<string> => {
    const sent = {
      bytes: Buffer.from(body),
      mediaType: "application/fhir+json" as const,
      receivedAt: new Date(),
      asked: askedByProgram("a test"),
    };
    const result = await deposit(sent, context);
    if (result.kind !== "created") throw new Error(`not deposited: ${result.kind}`);
    return result.entry.id;
  };
  return { gate, work, context, put };
}

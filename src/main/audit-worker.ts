/** A thread of the audit: it holds documents against their leaves, a batch at a time, and knows no key but theirs. */
import { parentPort } from "node:worker_threads";
import { parseCertificate } from "../core/crypto/certificate.ts";
import { openR4, openR4SearchParameters } from "../core/fhir/r4/open-r4.ts";
import type { LogName } from "../core/crypto/keys.ts";
import { knownLog, type KnownLog } from "../core/crypto/log-keys.ts";
import { auditDocument, type AuditedDocument, type DocumentAuditTools, type DocumentToAudit } from "../pipeline/audit/audit-document.ts";
import { faultOfNote, type NoteToAudit } from "../pipeline/audit/audit-note.ts";
import { createSealAuditor } from "../pipeline/audit/audit-seal.ts";
import { failureOf, type Failure } from "../core/threads/failure.ts";
import { READY } from "../core/threads/ready.ts";
import { ResourceDescriber } from "../search/describe-resources.ts";
import { describeWhole } from "../search/describe-whole.ts";

/** A batch. Certificates are in DER: values with functions do not leave their thread. */
export interface AuditQuestion {
  readonly documents: readonly DocumentToAudit[];
  readonly seals: readonly { readonly der: Uint8Array; readonly until: Date | undefined }[];
  readonly systems: ReadonlySet<string>;
  /** Checkpoints, and the logs that may have signed them. */
  readonly notes: readonly NoteToAudit[];
  readonly logs: readonly LogName[];
  /** What of the index is made from each and told too: nothing, all but for its resources, or all. */
  readonly indexed: "nothing" | "documents" | "all";
  readonly hasFullText: boolean;
}

export type AuditAnswer =
  { readonly documents: readonly AuditedDocument[]; readonly notes: readonly (string | undefined)[] } | { readonly failure: Failure };

const knowledge = openR4();
const { definitions } = knowledge;
let describer: ResourceDescriber | undefined;
let opened: Pick<Opened, "faultOfSeal" | "known"> | undefined;

interface Opened {
  readonly faultOfSeal: DocumentAuditTools["faultOfSeal"];
  readonly known: readonly KnownLog[];
}

parentPort?.postMessage(READY);
parentPort?.on("message", (question: AuditQuestion) => {
  void answer(question).then(
    (answered) => parentPort?.postMessage(answered),
    (error: unknown) => parentPort?.postMessage({ failure: failureOf(error) } satisfies AuditAnswer),
  );
});

async function answer({ documents, notes, seals, logs, ...asked }: AuditQuestion): Promise<AuditAnswer> {
  // A thread serves one audit, whose certificates and keys stay the same.
  const { faultOfSeal, known } = (opened ??= {
    faultOfSeal: createSealAuditor(seals.map(({ der, until }, at) => ({ certificate: parseCertificate(der), isCurrent: at === 0, until }))),
    known: logs.map(knownLog),
  });
  if (asked.indexed === "all") describer ??= new ResourceDescriber(knowledge, openR4SearchParameters(), asked);
  const answers: AuditedDocument[] = [];
  for (const document of documents)
    answers.push(
      await auditDocument(document, {
        definitions,
        faultOfSeal,
        ...(asked.indexed !== "nothing" && { describe: (bundle, facts) => describeWhole(bundle, facts, { systems: asked.systems, describer }) }),
      }),
    );
  return { documents: answers, notes: notes.map((note) => faultOfNote(note, known)) };
}

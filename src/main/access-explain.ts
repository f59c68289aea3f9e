/** Explains decisions upon documents that are kept here, or lie in a file. A part of the composition root. */
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { AccessExplained, ExplainedCaller } from "../cli/command.ts";
import type { Config } from "../config.ts";
import { AppError } from "../core/errors.ts";
import { openDocument } from "../core/fhir/document-bundle.ts";
import { isError } from "../core/fhir/issue.ts";
import type { JsonObject } from "../core/fhir/tree/tree.ts";
import type { Definitions } from "../core/fhir/r4/definitions.ts";
import { fhirMediaTypeOf } from "../core/fhir/reading/fhir-media-type.ts";
import { STORED_READ_LIMITS } from "../core/fhir/reading/read-limits.ts";
import { readResource } from "../core/fhir/reading/read-resource.ts";
import { honourErasures } from "../pipeline/erasures.ts";
import { ConsentRecords } from "../interactions/fhir/consents/consent-records.ts";
import { fetchDocument } from "../pipeline/fetch.ts";
import { Settings } from "../pipeline/settings.ts";
import { describeDocument, type Summarised } from "../search/describe-document.ts";
import { permits, type Predicate, type PredicateFacts } from "../search/predicate.ts";
import type { ConsentBook } from "../security/consent/consent-book.ts";
import type { AccessPolicy } from "../security/policy/access-policy.ts";
import { permittedDespiteConsent, type Subject } from "../security/policy/permitted.ts";
import { explain } from "../security/policy/explain.ts";
import type { KeptRecord } from "./kept-record.ts";
import { openAccessPolicy } from "./setting-files.ts";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** @param openKept opens what is kept, when the document is one of it. AppErrors `not-found`, `gone`, `damaged`, `invalid` */
export async function explainAccess(
  config: Config,
  document: string,
  { roles, organisations, clearance, purpose, patientKeys, client, kind }: ExplainedCaller,
  { definitions, openKept }: { readonly definitions: Definitions; openKept(): Promise<KeptRecord> },
): Promise<AccessExplained> {
  const policy = await openAccessPolicy(config);
  const { described, book }: Opened = UUID.test(document)
    ? await kept(document, config, { definitions, record: await openKept() })
    : { described: await ofFile(document, config, definitions) };
  const { summary, facts } = described;
  const own: Predicate | undefined =
    patientKeys.length === 0 ? undefined : { kind: "any", column: "patient", values: patientKeys.map((key) => `identifier:${key}`) };
  const caller = { kind, issuer: "-", subject: "-", name: "-", client, roles, organisations, clearance };
  const subject = { caller, purpose, ownPatient: own };
  const explanation = explain(policy, subject, { ...facts, id: summary.id });
  const consent = book && consenting(book, policy, subject, { ...facts, id: summary.id });
  return {
    ...explanation,
    permitted: explanation.permitted.filter((right) => right !== "read" || consent?.isPermitted !== false),
    ...(consent && { consent }),
    policy: policy.version,
    document: { title: summary.title, facts },
    isOwnPatient: own !== undefined && permits(own, { ...facts, id: summary.id }),
  };
}

interface Opened {
  readonly described: Summarised;
  /** The consents that are in force, where the document is kept. */
  readonly book?: ConsentBook;
}

/** What the patient's consents say of it. */
function consenting(book: ConsentBook, policy: AccessPolicy, subject: Subject, facts: PredicateFacts): NonNullable<AccessExplained["consent"]> {
  if (permits(permittedDespiteConsent(policy, subject, "read"), facts))
    return { isPermitted: true, reason: "no consent stops this caller", consents: [] };
  const question = { caller: subject.caller, purpose: subject.purpose ?? policy.purpose, now: new Date().toISOString() };
  const { permitted, reasonOf } = book.ask(question, policy.consent ?? "opt-out");
  const { text, consents } = reasonOf(facts);
  return { isPermitted: permits(permitted, facts), reason: text, consents };
}

async function kept(
  id: string,
  config: Config,
  { definitions, record }: { readonly definitions: Definitions; readonly record: KeptRecord },
): Promise<Opened> {
  const { store, keptKeys, keys } = record;
  try {
    const documentKeys = honourErasures(keptKeys, store);
    const { leaf, resource, deposit } = await fetchDocument(id, { store, documentKeys, limits: STORED_READ_LIMITS, definitions });
    const facts = { id: leaf.id, receivedAt: leaf.receivedAt, submitted: deposit.submitted, decisions: deposit.decisions };
    const settings = await Settings.open({ store, documentKeys, keys, newId: () => randomUUID() });
    return { described: describedBy(resource, facts, config), book: await new ConsentRecords(settings).book() };
  } finally {
    await store.close();
  }
}

async function ofFile(file: string, config: Config, definitions: Definitions): Promise<Summarised> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new AppError("not-found", `${file} is no id of a document, and no file that can be read.`, { cause });
  });
  const { resource, issues } = readResource(bytes, fhirMediaTypeOf(bytes), STORED_READ_LIMITS, definitions);
  const fault = issues.find(isError);
  if (resource === undefined || fault) throw new AppError("invalid", `${file} is no resource: ${fault?.text ?? "it could not be read"}`);
  return describedBy(
    resource,
    { id: "00000000-0000-4000-8000-000000000000", receivedAt: new Date().toISOString(), submitted: undefined, decisions: [] },
    config,
  );
}

function describedBy(
  resource: JsonObject,
  {
    decisions,
    ...facts
  }: Pick<Parameters<typeof describeDocument>[1], "id" | "receivedAt" | "submitted"> & { readonly decisions: Parameters<typeof openDocument>[1] },
  { patientSystems: systems }: Pick<Config, "patientSystems">,
): Summarised {
  return describeDocument(openDocument(resource, decisions), { ...facts, systems });
}

import { AppError } from "../errors.ts";
import { toBase64 } from "../crypto/base64.ts";
import { canonicalJson } from "../fhir/canonical.ts";
import type { DecidedReference } from "../fhir/document-bundle.ts";
import { JsonArray, treeOf, type JsonObject } from "../fhir/tree/tree.ts";
import type { ReliedOn, SignatureCheck } from "../signatures/signature-check.ts";
import { readClosedSignature } from "./closed-signatures.ts";
import { readRecordedProfiles, type RecordedProfiles } from "./deposit-profiles.ts";
import { readRecordedSignature, recordedSignature } from "./deposit-signatures.ts";
import { readSubmitted, type SubmittedMetadata } from "./submitted.ts";
import {
  bytesField,
  checkNames,
  countField,
  DIGEST,
  INSTANT,
  objectField,
  optionalText,
  readVersions,
  textField,
  UUID,
  type FormatShape,
} from "./fields.ts";

/** What an auditor asks about a deposit years later. The leaf covers it through its digest. */
export interface DepositRecord {
  readonly id: string;
  readonly receivedAt: string;
  /** `application/fhir+json` or `application/fhir+xml`. */
  readonly mediaType: string;
  readonly submitter: Submitter;
  /** How it came. */
  readonly came: Arrival;
  /** Under what it was accepted: name and version of the program, of its rules and of the policy; of the policy for signatures, where one demanded something. */
  readonly versions: { readonly software: string; readonly rules: string; readonly policy: string; readonly signatures?: string };
  /** The OperationOutcome under which it was accepted. */
  readonly outcome: JsonObject;
  /** The results about the signatures that it came with. */
  readonly signatures: readonly SignatureCheck[];
  /** What the results about their certificates rest on; written from those, read apart from them. */
  readonly restsOn?: readonly ReliedOn[];
  /** What was decided about it where its rules leave a choice; empty when nothing was. */
  readonly decisions: readonly Decision[];
  /** The rules that the policy let pass, by which it was accepted; absent where it keeps R4, and in older records. */
  readonly relaxed?: readonly RelaxedDecision[];
  /** Under which packages it was accepted, and what came of profiles; absent where nobody asked for any, and in older records. */
  readonly profiles?: RecordedProfiles | undefined;
  /** What its source said of it, where it came with metadata (IHE MHD). */
  readonly submitted?: SubmittedMetadata;
}

/** Who submitted a document, as far as it was known. */
export interface Submitter {
  /** `unauthenticated`: it was asked of nobody. `program`: a part of this one. `person`, `system`: it was proved who it is. Later versions know others. */
  readonly kind: string;
  /** The software. */
  readonly client?: string;
  readonly person?: string;
  readonly organization?: string;
  /** The person, else the software, as people read it, as the issuer said it then; absent where it said none, and in older records. */
  readonly name?: string;
  /** A code of http://terminology.hl7.org/ValueSet/v3-PurposeOfUse. */
  readonly purpose?: string;
}

/** How a document came. */
export interface Arrival {
  /** `rest`, `page` or `program`; undefined in records that did not say. Later versions know others. */
  readonly channel?: string;
  /** That of the request, as it is in the logs. */
  readonly requestId: string;
}

/** A choice that resolver or policy made where the rules leave one, by which the document is read ever after. */
export interface Decision extends DecidedReference {
  /** Name and version of the resolver or policy. */
  readonly by: string;
}

/** A rule that a policy let pass: at its own severity it would have refused the document. */
export interface RelaxedDecision {
  /** Its id. */
  readonly rule: string;
  /** How often it was broken. */
  readonly count: number;
  /** Name and version of the policy. */
  readonly by: string;
}

/** Who submitted in one word for lists and pages: the person, else the software, else the organisation; of nobody, the kind. */
export function submitterName({ kind, person, client, organization }: Submitter): string {
  return person ?? client ?? organization ?? kind;
}

const COMMON = ["id", "receivedAt", "mediaType", "submitter", "versions", "outcome", "signatures"];
/** Closed: what was recorded until there was a second number. */
const CLOSED: FormatShape = { format: "chartulary-deposit/1", required: [...COMMON, "requestId"] };
/** Open: later records may say more. */
const OPEN: FormatShape = {
  format: "chartulary-deposit/2",
  required: [...COMMON, "came"],
  optional: ["decisions", "profiles", "submitted", "restsOn"],
};
const VERSIONS = { format: CLOSED.format, required: ["software", "rules", "policy"] };
const SUBMITTER = ["client", "person", "organization", "name", "purpose"] as const;

/** The record's text: canonical JSON, whose UTF-8 bytes the leaf's depositDigest is of. docs/formats.md, "Deposit record". */
export function formatDepositRecord(record: DepositRecord): string {
  const { id, receivedAt, mediaType, submitter, came, versions, outcome, signatures, decisions, relaxed = [], profiles, submitted } = record;
  const decided = [
    ...decisions.map((decision) => ({ kind: "reference", ...decision })),
    ...relaxed.map((decision) => ({ kind: "rule", ...decision })),
  ];
  const restsOn = signatures.flatMap((signature) => signature.restsOn ?? []);
  return canonicalJson(
    treeOf({
      format: OPEN.format,
      id,
      receivedAt,
      mediaType,
      submitter,
      came,
      versions,
      outcome,
      signatures: signatures.map(recordedSignature),
      ...(restsOn.length > 0 && { restsOn: restsOn.map(({ der, ...one }) => ({ ...one, ...(der && { der: toBase64(der) }) })) }),
      ...(decided.length > 0 && { decisions: decided }),
      ...(profiles && { profiles }),
      ...(submitted && { submitted }),
    }),
  );
}

/** Reads a deposit record of either number. AppError `malformed`. */
export function parseDepositRecord(text: string): DepositRecord {
  const { object, isOpen } = readVersions(text, { closed: CLOSED, open: OPEN });
  const versions = objectField(object, "versions");
  const decided = object.objects("decisions");
  const relaxed = decided.flatMap(relaxedOf);
  if (!isOpen) checkNames(versions, VERSIONS);
  if (!(object.get("signatures") instanceof JsonArray)) throw new AppError("malformed", "signatures is no list");
  return {
    id: textField(object, "id", UUID),
    receivedAt: textField(object, "receivedAt", INSTANT),
    mediaType: textField(object, "mediaType"),
    ...(isOpen ? readCircumstances(object) : closedCircumstances(object)),
    versions: {
      ...{ software: textField(versions, "software"), rules: textField(versions, "rules"), policy: textField(versions, "policy") },
      ...(isOpen && versions.has("signatures") && { signatures: textField(versions, "signatures") }),
    },
    outcome: objectField(object, "outcome"),
    signatures: object.objects("signatures").map(isOpen ? readRecordedSignature : readClosedSignature),
    ...(isOpen && object.has("restsOn") && { restsOn: object.objects("restsOn").flatMap(reliedOn) }),
    decisions: decided.flatMap(decisionOf),
    ...(relaxed.length > 0 && { relaxed }),
    ...(isOpen && object.has("profiles") && { profiles: readRecordedProfiles(objectField(object, "profiles")) }),
    ...(isOpen && object.has("submitted") && { submitted: readSubmitted(objectField(object, "submitted")) }),
  };
}

/** What is of a kind of a later version is passed over. */
function reliedOn(one: JsonObject): ReliedOn[] {
  const kind = textField(one, "kind");
  if (kind !== "certificate" && kind !== "revocation") return [];
  return [{ kind, digest: textField(one, "digest", DIGEST), ...(one.has("der") && { der: bytesField(one, "der") }) }];
}

/** A decision about something else than a reference or a rule is of a later version: passed over. */
function decisionOf(decision: JsonObject): Decision[] {
  if (textField(decision, "kind") !== "reference") return [];
  return [
    {
      from: countField(decision, "from"),
      reference: textField(decision, "reference"),
      to: countField(decision, "to"),
      by: textField(decision, "by"),
    },
  ];
}

function relaxedOf(decision: JsonObject): RelaxedDecision[] {
  if (textField(decision, "kind") !== "rule") return [];
  return [{ rule: textField(decision, "rule"), count: countField(decision, "count"), by: textField(decision, "by") }];
}

type Circumstances = Pick<DepositRecord, "submitter" | "came">;

/** Who submitted something and how it came, as records of open formats say it. AppError `malformed`. */
export function readCircumstances(object: JsonObject): Circumstances {
  const submitter = objectField(object, "submitter");
  const came = objectField(object, "came");
  const channel = optionalText(came, "channel");
  const told = SUBMITTER.map((name) => [name, optionalText(submitter, name)] as const).filter(([, text]) => text !== undefined);
  return {
    submitter: { kind: textField(submitter, "kind"), ...(Object.fromEntries(told) as Omit<Submitter, "kind">) },
    came: { requestId: textField(came, "requestId"), ...(channel !== undefined && { channel }) },
  };
}

/** The first number had one text for the submitter: nobody, or the name of a part of the program. */
function closedCircumstances(object: JsonObject): Circumstances {
  const submitter = textField(object, "submitter");
  return {
    submitter: submitter === "unauthenticated" ? { kind: submitter } : { kind: "program", client: submitter },
    came: { requestId: textField(object, "requestId") },
  };
}

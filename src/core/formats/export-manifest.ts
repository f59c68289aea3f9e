/**
 * What the manifest of a bulk export says beside what Bulk Data Access defines: as of which state of the log it is, the digest of each file, and our signature over all of it. docs/formats.md, "Export manifest".
 */
import { AppError } from "../errors.ts";
import { toBase64, toBase64Url } from "../crypto/base64.ts";
import { utf8 } from "../crypto/bytes.ts";
import { thumbprintOf, type Certificate } from "../crypto/certificate.ts";
import type { SealSigner } from "../crypto/keys.ts";
import { canonicalJson } from "../fhir/canonical.ts";
import { readJson } from "../fhir/json/read-json.ts";
import { isError } from "../fhir/issue.ts";
import { STORED_READ_LIMITS } from "../fhir/reading/read-limits.ts";
import { SourceText } from "../fhir/reading/source-text.ts";
import { JsonNumber, JsonObject, treeOf } from "../fhir/tree/tree.ts";
import { certificatesOf, detachedJws, parseJws, protectedHeaderOf, signingInput, verifyJws } from "../signatures/jws.ts";
import { bytesField, countField, DIGEST, INSTANT, objectField, textField } from "./fields.ts";

export const EXPORT_FORMAT = "chartulary-export/1";
/** The protected header's `typ`: what is signed under it is a manifest, and nothing else. */
const TYPE = "chartulary-export+jws";
/** Where in the manifest's `extension` ours stands. */
const OWN = "chartulary";

/** A file of an export. */
export interface ExportedFile {
  readonly type: string;
  readonly url: string;
  /** Resources in it, one a line. */
  readonly count: number;
  /** Of the file as NDJSON, unpacked: `sha256:` and hex. */
  readonly digest: string;
  readonly length: number;
}

/** Leaves of the log, each behind its length as two bytes, big-endian, as in tiles (c2sp.org/tlog-tiles). */
export interface ExportedLeaves extends Omit<ExportedFile, "type" | "count"> {
  /** The roots of the complete subtrees over what comes before them, the largest first. */
  readonly edge: readonly Uint8Array[];
}

export interface ExportManifest {
  /** An instant. */
  readonly transactionTime: string;
  /** Undefined where the edition does not tell it. */
  readonly request?: string;
  readonly requiresAccessToken: boolean;
  readonly output: readonly ExportedFile[];
  readonly deleted: readonly ExportedFile[];
  /** What the edition calls the files of OperationOutcomes. */
  readonly outcomes: "error" | "outcome";
  readonly errors: readonly ExportedFile[];
  readonly log: {
    /** Entries that it is as of; and the first of them that it looks at. */
    readonly size: number;
    readonly from: number;
    /** The checkpoint of that size, as a signed note; empty of a log without entries. */
    readonly checkpoint: string;
    /** Undefined where not all documents were asked for, so that there is nothing to be counted against. */
    readonly leaves?: ExportedLeaves;
  };
}

/** The manifest with our signature: JSON. */
export async function signManifest(manifest: ExportManifest, signer: SealSigner, at: Date): Promise<string> {
  const header = protectedHeaderOf({
    ...{ alg: signer.algorithm, typ: TYPE, kid: signer.kid, iat: Math.floor(at.getTime() / 1000) },
    ...(signer.chain[0] && { "x5t#S256": toBase64Url(thumbprintOf(signer.chain[0])) }),
    x5c: signer.chain.map(({ raw }) => toBase64(raw)),
  });
  const signed = utf8(canonicalJson(treeOf(fieldsOf(manifest))));
  const signature = detachedJws(header, await signer.sign(signingInput(header, signed)));
  return JSON.stringify(fieldsOf(manifest, signature));
}

function fieldsOf(
  { transactionTime, request, requiresAccessToken, output, deleted, outcomes, errors, log }: ExportManifest,
  signature?: string,
): object {
  return {
    transactionTime,
    ...(request !== undefined && { request }),
    requiresAccessToken,
    output: output.map(fileFields),
    [outcomes]: errors.map(fileFields),
    deleted: deleted.map(fileFields),
    extension: {
      [OWN]: {
        format: EXPORT_FORMAT,
        log: {
          ...{ size: log.size, from: log.from, checkpoint: log.checkpoint },
          ...(log.leaves && {
            leaves: { url: log.leaves.url, digest: log.leaves.digest, length: log.leaves.length, edge: log.leaves.edge.map(toBase64) },
          }),
        },
        ...(signature !== undefined && { signature }),
      },
    },
  };
}

function fileFields({ type, url, count, digest, length }: ExportedFile): object {
  return { type, url, count, extension: { [OWN]: { digest, length } } };
}

/** A manifest as it was read; nothing of it is proved. */
export interface OpenedManifest extends ExportManifest {
  /** What the signature must be over. */
  readonly signed: Uint8Array;
  readonly signature: string;
}

/** Takes a manifest of ours apart; what it has beside ours is covered by the signature and else passed over. AppError `malformed`. */
export function parseManifest(text: string): OpenedManifest {
  const { resource, issues } = readJson(new SourceText(text), STORED_READ_LIMITS);
  const fault = issues.find(isError);
  if (!resource || fault) throw new AppError("malformed", `not a manifest: ${fault?.text ?? "it is no JSON object"}`);
  const own = objectField(objectField(resource, "extension"), OWN);
  textField(own, "format", /^chartulary-export\/1$/);
  const log = objectField(own, "log");
  const outcomes = resource.has("outcome") ? "outcome" : "error";
  return {
    transactionTime: textField(resource, "transactionTime", INSTANT),
    ...(resource.has("request") && { request: textField(resource, "request") }),
    requiresAccessToken: resource.get("requiresAccessToken") === true,
    output: resource.objects("output").map(parseFile),
    deleted: resource.objects("deleted").map(parseFile),
    outcomes,
    errors: resource.objects(outcomes).map(parseFile),
    log: {
      ...{ size: countField(log, "size"), from: countField(log, "from"), checkpoint: textField(log, "checkpoint") },
      ...(log.has("leaves") && { leaves: parseLeaves(objectField(log, "leaves")) }),
    },
    signed: utf8(canonicalJson(withoutSignature(resource, own))),
    signature: textField(own, "signature"),
  };
}

function withoutSignature(manifest: JsonObject, own: JsonObject): JsonObject {
  const extension = objectField(manifest, "extension");
  return replaced(manifest, "extension", replaced(extension, OWN, own.without("signature")));
}

function replaced(object: JsonObject, name: string, value: JsonObject): JsonObject {
  const copy = new JsonObject();
  object.names.forEach((one, at) => copy.add(one, one === name ? value : (object.values[at] ?? null)));
  return copy;
}

function parseFile(file: JsonObject): ExportedFile {
  const own = objectField(objectField(file, "extension"), OWN);
  return { type: textField(file, "type"), url: textField(file, "url"), count: countField(file, "count"), ...digestIn(own) };
}

function parseLeaves(leaves: JsonObject): ExportedLeaves {
  const edge = leaves.items("edge").map((hash) => bytesField(new JsonObject().add("hash", hash), "hash", 32));
  return { url: textField(leaves, "url"), ...digestIn(leaves), edge };
}

function digestIn(object: JsonObject): Pick<ExportedFile, "digest" | "length"> {
  return { digest: textField(object, "digest", DIGEST), length: countField(object, "length") };
}

/** Who signed a manifest, when by its own word; undefined when nobody did, or it was altered since. */
export async function signerOfManifest({
  signed,
  signature,
}: OpenedManifest): Promise<{ readonly certificate: Certificate; readonly at: Date } | undefined> {
  const jws = parseJws(signature);
  const chain = jws && certificatesOf(jws);
  const certificate = typeof chain === "object" ? chain[0] : undefined;
  const iat = jws?.header.get("iat");
  const at = iat instanceof JsonNumber && /^[0-9]{1,12}$/.test(iat.text) ? new Date(Number(iat.text) * 1000) : undefined;
  if (!jws || !certificate || !at || jws.payload !== "" || jws.header.string("typ") !== TYPE) return undefined;
  return (await verifyJws(jws, signed, certificate.publicKey)).kind === "valid" ? { certificate, at } : undefined;
}

/** An entry for a submission of documents with their metadata (IHE MHD): the request as it was sent, without the documents, which are kept as entries of their own. docs/formats.md, "Submission". */
import { toBase64 } from "../crypto/base64.ts";
import { concat, utf8Text } from "../crypto/bytes.ts";
import { AppError } from "../errors.ts";
import { canonicalJson } from "../fhir/canonical.ts";
import { treeOf, type JsonObject } from "../fhir/tree/tree.ts";
import { readCircumstances, type Arrival, type Submitter } from "./deposit-record.ts";
import { countField, DIGEST, INSTANT, optionalText, readOpenFormat, textField, UUID } from "./fields.ts";

export const SUBMISSION_KIND = "submission";

/** What the log holds of it, for everybody to see: no patient data. */
export interface SubmissionLeaf {
  /** The entry's own id: a UUID. */
  readonly id: string;
  /** An instant. */
  readonly at: string;
  /** The ids of its documents, in order, those that were here before among them. */
  readonly documents: readonly string[];
  /** Whether it came as a message (R4 messaging.html), which two claims know again and not one. */
  readonly isMessage?: boolean;
  /** Of the request's body as it was sent. */
  readonly submittedDigest: string;
  /** Of the record's UTF-8 bytes. */
  readonly recordDigest: string;
}

/** Kept encrypted as the evidence of its entry, under a key of the entry's own. */
export interface SubmissionRecord {
  readonly id: string;
  /** The media type of the request's body. */
  readonly mediaType: string;
  /** `provide`: ITI-65; `simplified`: ITI-105; `message`: R4 messaging. Later versions may know others. */
  readonly transaction: string;
  readonly submitter: Submitter;
  readonly came: Arrival;
  /** The claim by which it is known again, and what that says: the digest of the request as canonical JSON. */
  readonly claim: string;
  readonly canonicalDigest: string;
  /** Of a message: the claim upon the id of its Bundle. */
  readonly bundleClaim?: string;
  /** Of a message: the answer that it was given, FHIR's JSON form. */
  readonly answer?: string;
  /** Where in what is kept the documents stood, in order. */
  readonly pieces: readonly SubmittedPiece[];
  /** What each entry was answered, in order. */
  readonly answers: readonly SubmittedAnswer[];
}

/** A part of the request that is not kept with it, because a document is that. */
export interface SubmittedPiece {
  /** Before which byte of what is kept it stood. */
  readonly at: number;
  /** The id of the document. */
  readonly document: string;
  /** `bytes`: its submitted bytes, but for those from `from` to `to`, which were written in (a namespace declaration). `base64`: base64 of them. */
  readonly form: "bytes" | "base64";
  readonly from?: number;
  readonly to?: number;
}

export interface SubmittedAnswer {
  /** `Type/id`; absent where nothing is kept under an address of its own. */
  readonly place?: string;
  /** Whether it was new. */
  readonly isNew: boolean;
  /** What the source should know. */
  readonly warnings: readonly string[];
}

const LEAF = { format: "chartulary-leaf/2", required: ["kind", "id", "at", "documents", "submittedDigest", "recordDigest"] };
const RECORD = {
  format: "chartulary-submission/1",
  required: ["id", "mediaType", "transaction", "submitter", "came", "claim", "canonicalDigest", "pieces", "answers", "salt"],
};

/** The leaf's bytes: canonical JSON in UTF-8. */
export function formatSubmissionLeaf({ isMessage = false, ...leaf }: SubmissionLeaf): Uint8Array {
  return new TextEncoder().encode(canonicalJson(treeOf({ format: LEAF.format, kind: SUBMISSION_KIND, ...leaf, ...(isMessage && { isMessage }) })));
}

/** Reads such a leaf; properties that it does not know it passes over. AppError `malformed`. */
export function parseSubmissionLeaf(bytes: Uint8Array): SubmissionLeaf {
  const object = readOpenFormat(utf8Text(bytes), LEAF);
  textField(object, "kind", /^submission$/);
  return {
    id: textField(object, "id", UUID),
    at: textField(object, "at", INSTANT),
    documents: object.items("documents").map((one) => {
      if (typeof one !== "string" || !UUID.test(one)) throw new AppError("malformed", "documents is no list of ids");
      return one;
    }),
    ...(object.get("isMessage") === true && { isMessage: true }),
    submittedDigest: textField(object, "submittedDigest", DIGEST),
    recordDigest: textField(object, "recordDigest", DIGEST),
  };
}

/** The record's text. @param salt 32 random bytes, so that nobody confirms a guess by its digest */
export function formatSubmissionRecord({ pieces, answers, ...record }: SubmissionRecord, salt: Uint8Array): string {
  return canonicalJson(treeOf({ format: RECORD.format, ...record, pieces: [...pieces], answers: [...answers], salt: toBase64(salt) }));
}

/** Reads a record. AppError `malformed`. */
export function parseSubmissionRecord(text: string): SubmissionRecord {
  const object = readOpenFormat(text, RECORD);
  const [bundleClaim, answer] = [optionalText(object, "bundleClaim"), optionalText(object, "answer")];
  return {
    id: textField(object, "id", UUID),
    mediaType: textField(object, "mediaType"),
    transaction: textField(object, "transaction"),
    ...readCircumstances(object),
    claim: textField(object, "claim"),
    canonicalDigest: textField(object, "canonicalDigest", DIGEST),
    ...(bundleClaim !== undefined && { bundleClaim }),
    ...(answer !== undefined && { answer }),
    pieces: object.objects("pieces").map(pieceOf),
    answers: object.objects("answers").map((answer) => {
      const place = optionalText(answer, "place");
      const warnings = answer.items("warnings").filter((one) => typeof one === "string");
      return { ...(place !== undefined && { place }), isNew: answer.get("isNew") === true, warnings };
    }),
  };
}

function pieceOf(piece: JsonObject): SubmittedPiece {
  return {
    at: countField(piece, "at"),
    document: textField(piece, "document", UUID),
    form: textField(piece, "form", /^(?:bytes|base64)$/) as SubmittedPiece["form"],
    ...(piece.has("from") && { from: countField(piece, "from"), to: countField(piece, "to") }),
  };
}

/**
 * The request's body as it was sent.
 * @param kept what is kept of it
 * @param bytesOf the submitted bytes of a document
 */
export function wholeSubmission(kept: Uint8Array, pieces: readonly SubmittedPiece[], bytesOf: (document: string) => Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let done = 0;
  for (const { at, document, form, from, to } of pieces) {
    const bytes = bytesOf(document);
    parts.push(kept.subarray(done, at));
    if (form === "base64") parts.push(new TextEncoder().encode(toBase64(bytes)));
    else if (from === undefined) parts.push(bytes);
    else parts.push(bytes.subarray(0, from), bytes.subarray(to));
    done = at;
  }
  return concat(...parts, kept.subarray(done));
}

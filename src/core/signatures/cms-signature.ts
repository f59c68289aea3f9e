/**
 * Senders' signatures in CMS and CAdES (RFC 5652, ETSI EN 319 122): over the document elsewhere, in one of the forms that we write, or with the document within, as German prescriptions and receipts
 * have it. Every signer has a finding of its own.
 */
import { checkSigner, type CheckedSigner, type SoundSigner } from "../cms/check-message.ts";
import { readSignedMessage, type SignedMessage } from "../cms/signed-message.ts";
import { hashOf } from "../crypto/digest.ts";
import type { Digest } from "../crypto/platform/platform.ts";
import { AppError } from "../errors.ts";
import type { Definitions } from "../fhir/r4/definitions.ts";
import type { JsonObject } from "../fhir/tree/tree.ts";
import { canonicalJsonForms, isJsonForm, type CanonicalForm } from "./canonical-forms.ts";
import { canonicalXmlForms, isXmlForm } from "./canonical-xml-forms.ts";
import { compareEmbedded } from "./embedded-document.ts";
import { CONTENT_DIFFERS, unchecked, type Finding } from "./signature-finding.ts";

export interface CmsSurroundings {
  readonly definitions: Definitions;
  /** The text of a document that is in XML, as its sender wrote it. */
  readonly xmlSource: string | undefined;
  /** The canonical form that Signature.targetFormat names, if any. */
  readonly formName: string | undefined;
  /** Why the document's own id and meta may be those of a server, which replaced what was signed, if they may. */
  readonly served: string | undefined;
}

/** Checks a signed message over a document; a finding for each signer, at least one. Never throws for what the message holds. */
export async function examineCms(bundle: JsonObject, encoded: Uint8Array, surroundings: CmsSurroundings): Promise<[Finding, ...Finding[]]> {
  const message = readOrNone(encoded);
  if (typeof message === "string") return [unchecked("cms", message)];
  const checked: CheckedSigner[] = [];
  for (const signer of message.signers) checked.push(await checkSigner(message, signer));
  const sound = checked.filter((signer) => signer.kind === "sound");
  const contents =
    message.content === undefined
      ? await contentsElsewhere(bundle, sound, surroundings)
      : await contentsWithin(bundle, message.content, sound, surroundings.definitions);
  const [first, ...others] = checked.map((signer) => findingOf(signer, contents, message));
  return first ? [first, ...others] : [unchecked("cms", "nobody signed it: it names no signer")];
}

function readOrNone(encoded: Uint8Array): SignedMessage | string {
  try {
    return readSignedMessage(encoded);
  } catch (error) {
    if (error instanceof AppError) return `it cannot be read (${error.message})`;
    throw error;
  }
}

interface Content extends Pick<Finding, "block" | "content" | "reason"> {
  /** The bytes that the signer signed, where they were found. */
  readonly signed?: Uint8Array;
}
type Contents = ReadonlyMap<SoundSigner, Content>;

function findingOf(signer: CheckedSigner, contents: Contents, { revocation }: SignedMessage): Finding {
  if (signer.kind === "unsupported")
    return { ...unchecked("cms", signer.reason), ...(signer.hasNoCertificate === true && { hasNoCertificate: true }) };
  if (signer.kind === "invalid") return { form: "cms", block: "invalid", content: "not-checked", reason: signer.reason };
  const { signed, ...content } = contents.get(signer) ?? NOTHING_FOUND;
  if (content.block !== "valid") return { form: "cms", ...content };
  const { chain, signedAt, commitments, value, timeStamps } = signer;
  const archiveStamps = signer.archived(signed);
  return {
    form: "cms",
    ...content,
    chain,
    ...(signer.isContradicted && { isContradicted: true }),
    ...(signedAt !== undefined && { signedAt }),
    ...(commitments.length > 0 && { commitments }),
    ...(timeStamps.length > 0 && { timeStamps: timeStamps.map((token) => ({ token, over: value })) }),
    ...(archiveStamps.length > 0 && { archiveStamps }),
    ...((revocation.crls.length > 0 || revocation.ocsp.length > 0) && { revocation: { crls: revocation.crls, ocsp: revocation.ocsp } }),
  };
}

const NOTHING_FOUND: Content = { block: "not-checked", content: "not-checked", reason: "its content was not looked at" };

/** Of messages that hold what was signed: it must be what the signer signed, and then this document. */
async function contentsWithin(bundle: JsonObject, content: Uint8Array, sound: readonly SoundSigner[], definitions: Definitions): Promise<Contents> {
  const found = new Map<SoundSigner, Content>();
  let compared: Pick<Finding, "content" | "reason"> | undefined;
  const digest = digestsOf(content);
  for (const signer of sound) {
    const covers = await signer.covers(content, digest);
    if (typeof covers === "string") found.set(signer, { block: "not-checked", content: "not-checked", reason: covers });
    else if (!covers) found.set(signer, { block: "invalid", content: "not-checked", reason: "what it embeds is not what was signed" });
    else found.set(signer, { block: "valid", signed: content, ...(compared ??= compareEmbedded(bundle, content, definitions)) });
  }
  return found;
}

/** Of messages over something that is elsewhere: each form of the document is written once. */
async function contentsElsewhere(bundle: JsonObject, sound: readonly SoundSigner[], surroundings: CmsSurroundings): Promise<Contents> {
  const found = new Map<SoundSigner, Content>();
  let pending = sound;
  for (const form of formsOf(bundle, surroundings)) {
    if (pending.length === 0) break;
    const { bytes, gap } = form;
    const digest = digestsOf(bytes);
    for (const signer of pending) {
      const covers = await signer.covers(bytes, digest);
      if (covers === true)
        found.set(signer, { block: "valid", signed: bytes, ...(gap === undefined ? { content: "valid" } : { content: "not-checked", reason: gap }) });
      if (typeof covers === "string") found.set(signer, { block: "not-checked", content: "not-checked", reason: covers });
    }
    pending = pending.filter((signer) => !found.has(signer));
  }
  for (const signer of pending) found.set(signer, otherContent(bundle, signer, surroundings));
  return found;
}

/** Each digest is made once. */
function digestsOf(content: Uint8Array): (hash: Digest) => Uint8Array {
  const digests = new Map<Digest, Uint8Array>();
  return (hash) => {
    const made = digests.get(hash) ?? hashOf(hash, content);
    digests.set(hash, made);
    return made;
  };
}

/** CMS does not say in which form a document is signed. Only where the Signature names one that is known here can another content be told from another form. */
function otherContent(bundle: JsonObject, { hasDigest }: SoundSigner, { formName, served }: CmsSurroundings): Content {
  const isNamed = formName !== undefined && (isJsonForm(formName, bundle) || isXmlForm(formName, bundle));
  const block = hasDigest ? "valid" : "not-checked";
  if (!isNamed) return { block, content: "not-checked", reason: "it covers none of the forms of this document that are known here" };
  if (served !== undefined) return { block, content: "not-checked", reason: served };
  if (hasDigest) return { block, content: "invalid", reason: CONTENT_DIFFERS };
  return { block: "invalid", content: "not-checked", reason: "the document is not the one that was signed, or the signature was altered" };
}

const XML_FORMS = ["http://hl7.org/fhir/canonicalization/xml#document", "http://hl7.org/fhir/canonicalization/xml"];

function* formsOf(bundle: JsonObject, { definitions, xmlSource }: CmsSurroundings): Generator<CanonicalForm> {
  yield* canonicalJsonForms(bundle);
  for (const transform of XML_FORMS)
    for (const isExclusive of [false, true])
      for (const bytes of canonicalXmlForms(bundle, transform, { isExclusive, definitions, source: xmlSource })) yield { bytes };
}

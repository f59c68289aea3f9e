import type { Certificate } from "../../core/crypto/certificate.ts";
import { digestOf } from "../../core/crypto/digest.ts";
import type { Keys } from "../../core/crypto/keys.ts";
import type { Leaf } from "../../core/formats/leaf.ts";
import type { TlogPolicy } from "../../core/formats/tlog-policy.ts";
import { PDF_FILE_LIMITS, PDF_FILES } from "../../core/formats/pdf-files.ts";
import type { KnownRelations } from "../../pipeline/present.ts";
import type { PdfAttachment, PdfFacts } from "../../pipeline/pdf/pdf-facts.ts";
import type { Paper, PdfFurniture } from "../../pipeline/render/pdf-engine.ts";
import type { SeenThroughGlass } from "../../pipeline/render/pages/presented.ts";
import type { Held } from "../../reader/reader.ts";
import type { View } from "../../pipeline/work/view.ts";
import { viewOf, xmlSealOf, type ViewNeeds } from "./view-document.ts";

/** What PDFs are made with. */
export interface PrintNeeds extends ViewNeeds {
  readonly keys: Pick<Keys, "log" | "pastLogs" | "sealCertificates">;
  readonly signers: readonly Certificate[];
  readonly witnesses?: TlogPolicy | undefined;
  /** The program with its version. */
  readonly software: string;
  /** A digest of all that the program is made of: what was printed by another one is not handed out as this one's. */
  programDigest(): Promise<string>;
  /** Whether signatures are to be time-stamped. */
  readonly isStamping?: boolean | undefined;
}

/** What a PDF is made from: equal for equal PDFs. */
export interface Printable {
  /** Self-contained. */
  readonly html: string;
  readonly furniture: PdfFurniture;
  readonly facts: PdfFacts;
}

/** How somebody wants it. */
export interface PrintChoice {
  readonly locale: string;
  readonly paper: Paper;
}

/**
 * The attested view as it is printed, with the document, its receipt and the trust file.
 *
 * @param choice `glass`: by what broken glass whoever gets it is given it
 * @param using `known`: what other documents say of it; `trust`: the trust file as it is served at this moment
 * @throws AppError `gone` (erased since), `damaged`.
 */
export async function printableDocument(
  held: Pick<Held, "leaf" | "original" | "receipt" | "laterSeal">,
  { locale, paper, glass }: PrintChoice & { readonly glass?: SeenThroughGlass | undefined },
  { known, trust, ...using }: PrintNeeds & { readonly known: KnownRelations; readonly trust: string },
): Promise<Printable> {
  const [original, receipt, xmlSeal] = await Promise.all([held.original(), held.receipt(), xmlSealOf(held, using)]);
  const view = await viewOf(original, { known, xmlSeal }, { locale, medium: "print", glass }, using);
  const { bytes, mediaType, leaf } = original;
  const source = `${using.baseUrl}/fhir/Binary/${leaf.id}`;
  const attachments = [
    sourceAttachment(bytes, mediaType, bytes.length > PDF_FILE_LIMITS.document ? source : undefined),
    jsonAttachment(PDF_FILES.receipt, receipt, "The receipt of its deposit", "Supplement"),
    jsonAttachment(PDF_FILES.trust, trust, "The trust file as it was served; whoever verifies goes by one that they had before", "Data"),
  ];
  return printable(view, leaf, { paper, software: using.software, attachments, source });
}

/** What a PDF of a document is made from. `deposited`: undefined of one that was not; it has no moment that stays the same but the one at which it was written. */
export function printable(
  { html, properties, templatesVersion, ...view }: View,
  deposited: Pick<Leaf, "id" | "canonicalDigest" | "receivedAt"> | undefined,
  using: { readonly paper: Paper; readonly software: string; readonly attachments: readonly PdfAttachment[]; readonly source?: string },
): Printable {
  const { paper, software, attachments, source } = using;
  const furniture = { ...view.furniture, paper };
  const { title, language, author, subject, writtenAt = deposited?.receivedAt ?? NEVER } = properties;
  const creator = `${software} (templates ${templatesVersion})`;
  const digests = attachments.map(({ name, content }) => [name, digestOf(content)]);
  const facts: PdfFacts = {
    ...{ title, language, author, subject, creator, attachments, source },
    identifier: deposited && `urn:uuid:${deposited.id}`,
    createdAt: writtenAt,
    modifiedAt: deposited?.receivedAt ?? writtenAt,
    seeds: {
      document: deposited ? `${deposited.id} ${deposited.canonicalDigest}` : JSON.stringify(digests),
      rendition: digestOf(JSON.stringify([html, furniture, creator, digests])),
    },
  };
  return { html, furniture, facts };
}

/** Of a document that tells no date and was not deposited. */
const NEVER = "1970-01-01T00:00:00.000Z";

/** @param address where it is instead, when it is too large */
export function sourceAttachment(bytes: Uint8Array, mediaType: string, address?: string): PdfAttachment {
  const name = mediaType === "application/fhir+xml" ? PDF_FILES.xml : mediaType === "application/pkcs7-mime" ? PDF_FILES.message : PDF_FILES.json;
  return { name, mediaType, content: address ?? bytes, description: "The document as it was submitted", relationship: "Source" };
}

function jsonAttachment(name: string, text: string, description: string, relationship: "Supplement" | "Data"): PdfAttachment {
  return { name, mediaType: "application/json", content: new TextEncoder().encode(text), description, relationship };
}

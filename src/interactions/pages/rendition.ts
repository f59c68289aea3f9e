import { callerName, type Asked } from "../../core/asked.ts";
import { digestOf } from "../../core/crypto/digest.ts";
import { formatTrust, trustOf } from "../../core/formats/trust.ts";
import type { KnownRelations } from "../../pipeline/present.ts";
import type { MadePdf } from "./make-pdf.ts";
import { seenThrough, xmlSealOf } from "./view-document.ts";
import { printableDocument, type Printable, type PrintChoice, type PrintNeeds } from "./print-document.ts";

/** A document's PDF: as it was kept, or what it is made from. The state of the document was asked for when this was given, whichever it is. */
export interface Rendition {
  /** About how many bytes are opened to make it. */
  readonly weight: number;
  /** It was made before, of this document in this state, for this caller, by this program; undefined when it was not, or is not kept any more. */
  kept(): Promise<MadePdf | undefined>;
  print(): Promise<Printable>;
  /** Keeps it for the next who ask the same. Only what is as it should be is kept: not a PDF that lacks its time-stamp, nor one of a document of which not everything is known, nor one that tells of broken glass. */
  keep(made: MadePdf): Promise<void>;
}

/** AppError `not-found`, `gone`, `damaged`. */
export async function renditionOf(asked: Asked, id: string, choice: PrintChoice, using: PrintNeeds): Promise<Rendition> {
  const [held, known] = await Promise.all([using.reader.document(id, asked), using.reader.relations(asked, id)]);
  const { leaf } = held;
  const trust = formatTrust(trustOf(using.keys, using.signers, using.timeAuthorities, { witnesses: using.witnesses }));
  const xmlSeal = JSON.stringify(await xmlSealOf(held, using));
  const parts = [leaf.id, leaf.submittedDigest, leaf.depositDigest, stateOf(known), xmlSeal, callerName(asked), choice.locale, choice.paper];
  const circumstances = [await using.programDigest(), using.software, using.baseUrl, trust, String(using.isStamping ?? false), today()];
  const name = digestOf(JSON.stringify([...parts, ...circumstances])).replace("sha256:", "");
  const glass = seenThrough(held, asked);
  const isKept = known.isComplete && !glass;
  return {
    weight: held.contentBytes,
    kept: async () => {
      const bytes = isKept ? await held.kept(name) : undefined;
      return bytes && unpacked(bytes);
    },
    print: () => printableDocument(held, { ...choice, glass }, { ...using, known, trust }),
    keep: async (made) => {
      if (isKept && !made.isStampMissing) await held.keep(name, packed(made));
    },
  };
}

/** What other documents say of it, without the size of the log: an entry that changes nothing about a document leaves its PDF as it was. */
function stateOf({ relations, isComplete }: KnownRelations): string {
  return JSON.stringify([relations, isComplete]);
}

/** A PDF tells the patient's age, so it is of a day. */
function today(): string {
  return new Date().toISOString().slice(0, 10);
}

/** A letter for the level stands before the PDF. */
const LEVELS = { T: "B-T", B: "B-B", N: undefined } as const;

function packed({ bytes, level }: MadePdf): Uint8Array {
  const [letter = "N"] = Object.entries(LEVELS).find(([, name]) => name === level) ?? [];
  return Buffer.concat([Buffer.from(letter, "latin1"), bytes]);
}

function unpacked(bytes: Uint8Array): MadePdf | undefined {
  const letter = String.fromCharCode(bytes[0] ?? 0);
  return letter in LEVELS ? { bytes: bytes.subarray(1), level: LEVELS[letter as keyof typeof LEVELS], isStampMissing: false } : undefined;
}

/**
 * The place of a signature (ISO 32000-1 sections 12.7.4.5 and 12.8): an invisible field that assistive technology finds all the same (PDF/UA-1 section 7.18.4), and
 * room for the signature, which is put there when the file is whole (PAdES, ETSI EN 319 142-1).
 */
import { asArray, dictionary, PdfReference, PdfString, withEntries, type PdfDictionary, type PdfValue } from "../../core/pdf/values.ts";
import { malformed } from "../../core/pdf/read-value.ts";
import type { PdfEdit } from "./pdf-edit.ts";
import type { SignaturePlaceholder } from "./pdf-facts.ts";
import { kidsOf } from "./structure-elements.ts";

/** Print and Locked (section 12.5.3). */
const FLAGS = 4 + 128;
/** SignaturesExist and AppendOnly (section 12.7.2). */
const SIGNED = 3;

/** As long as any that will stand there. */
const RANGE = [0, 9_999_999_999, 9_999_999_999, 9_999_999_999];
const MOMENT = "D:00000000000000Z";

/** Where the parts of a signature stand in a file, in bytes. */
export interface SignatureRanges {
  /** `ByteRange`, from bracket to bracket. */
  readonly range: number;
  /** The date's text, without its parentheses. */
  readonly moment: number;
  /** From `<` to behind `>`. */
  readonly from: number;
  readonly to: number;
}

/** Adds the field to a page and to the structure tree; gives what the catalog gets as `AcroForm`. The room itself is the last object that is added. */
export function addSignatureField(
  edit: PdfEdit,
  { page, tree, placeholder }: { readonly page: PdfReference; readonly tree: PdfReference; readonly placeholder: SignaturePlaceholder },
): PdfDictionary {
  const pageBefore = edit.dictionary(page);
  const root = edit.dictionary(tree);
  const key = root?.get("/ParentTreeNextKey");
  if (!pageBefore || !root || typeof key !== "number") throw malformed("its structure tree has no next key");
  const field = edit.add(null);
  const owner = documentOf(edit, root) ?? tree;
  const content = dictionary({ Type: "/OBJR", Obj: field, Pg: page });
  const element = edit.add(dictionary({ Type: "/StructElem", S: "/Form", P: owner, Pg: page, K: content }));
  edit.set(page, withEntries(pageBefore, { Annots: [...(asArray(edit.resolve(pageBefore.get("/Annots"))) ?? []), field], Tabs: "/S" }));
  edit.set(tree, withEntries(root, { ParentTreeNextKey: key + 1 }));
  const ownerBefore = edit.dictionary(owner) ?? root;
  edit.set(owner, withEntries(ownerBefore, { K: [...kidsOf(ownerBefore), element] }));
  addToParentTree(edit, root, key, element);
  const name = PdfString.text(placeholder.name);
  const signature = edit.add(
    dictionary({
      Type: "/Sig",
      Filter: "/Adobe.PPKLite",
      SubFilter: "/ETSI.CAdES.detached",
      Name: name,
      M: PdfString.text(MOMENT),
      ByteRange: RANGE,
      Contents: new PdfString(new Uint8Array(placeholder.length)),
    }),
  );
  const widget = {
    Type: "/Annot",
    Subtype: "/Widget",
    FT: "/Sig",
    T: PdfString.text("Seal"),
    TU: PdfString.text(`Signature of ${placeholder.name}`),
  } as const;
  edit.set(field, dictionary({ ...widget, F: FLAGS, Rect: [0, 0, 0, 0], P: page, V: signature, StructParent: key }));
  return dictionary({ Fields: [field], SigFlags: SIGNED });
}

/** The one element that everything else is in, where there is one. */
function documentOf(edit: PdfEdit, root: PdfDictionary): PdfReference | undefined {
  const [only, second] = kidsOf(root);
  return only instanceof PdfReference && second === undefined && edit.dictionary(only) ? only : undefined;
}

/** A number tree (section 7.9.7), to whose end the highest key is added. */
function addToParentTree(edit: PdfEdit, root: PdfDictionary, key: number, element: PdfReference): void {
  const reference = root.get("/ParentTree");
  const tree = edit.dictionary(reference);
  if (!(reference instanceof PdfReference) || !tree) throw malformed("its structure tree has no parent tree");
  const numbers: PdfValue[] = [key, element];
  const kids = asArray(edit.resolve(tree.get("/Kids")));
  if (!kids) return edit.set(reference, withEntries(tree, { Nums: [...(asArray(edit.resolve(tree.get("/Nums"))) ?? []), ...numbers] }));
  const leaf = edit.add(dictionary({ Limits: [key, key], Nums: numbers }));
  edit.set(reference, withEntries(tree, { Kids: [...kids, leaf] }));
}

/** Finds the room for a signature in a finished file: it is the last object, behind everything that came from elsewhere. AppError `malformed` when there is none. */
export function signatureRanges(file: Uint8Array): SignatureRanges {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
  const field = bytes.lastIndexOf("/Type /Sig\n");
  const range = bytes.indexOf("/ByteRange [", field);
  const moment = bytes.indexOf("/M (", field);
  const contents = bytes.indexOf("/Contents <", field);
  if (field < 0 || range < 0 || moment < 0 || contents < 0) throw malformed("it has no room for a signature");
  const from = contents + "/Contents ".length;
  return { range: range + "/ByteRange ".length, moment: moment + "/M (".length, from, to: bytes.indexOf(">", from) + 1 };
}

/** Writes what the signature covers into the room that was left for it: everything but the signature itself. */
export function writeRange(file: Uint8Array, { range, from, to }: SignatureRanges): void {
  const text = `[0 ${from} ${to} ${file.length - to}]`.padEnd(`[${RANGE.join(" ")}]`.length, " ");
  file.set(Buffer.from(text, "latin1"), range);
}

/** Writes the moment of signing. */
export function writeMoment(file: Uint8Array, { moment }: SignatureRanges, at: Date): void {
  file.set(Buffer.from(`D:${at.toISOString().slice(0, 19).replace(/[-T:]/g, "")}Z`, "latin1"), moment);
}

/** Elements of the structure tree (ISO 32000-1 section 14.7.2). */
import { asArray, asDictionary, nameOf, PdfReference, type PdfDictionary, type PdfValue } from "../../core/pdf/values.ts";
import type { PdfEdit } from "./pdf-edit.ts";

/** An element of the tree, at its place. */
export interface Element {
  readonly reference: PdfReference;
  readonly dictionary: PdfDictionary;
  readonly type: string;
}

/** The kids of an element: its `K`, one or many. */
export function kidsOf(element: PdfDictionary): readonly PdfValue[] {
  const kids = element.get("/K");
  return kids === undefined || kids === null ? [] : (asArray(kids) ?? [kids]);
}

/** What a kid is, if it is an element of the tree and no content. */
export function elementOf(edit: PdfEdit, kid: PdfValue): Element | undefined {
  if (!(kid instanceof PdfReference)) return undefined;
  const found = asDictionary(edit.get(kid));
  const type = nameOf(found?.get("/S"));
  return found && type !== undefined ? { reference: kid, dictionary: found, type } : undefined;
}

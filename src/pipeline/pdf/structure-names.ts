/**
 * Names of elements (ISO 32000-1 section 14.7.2, `ID`), by which cells tell their headings. A browser numbers them as its process goes, so that the same page has others each time: they are given anew, in
 * the order of the tree.
 */
import { asArray, asDictionary, dictionary, PdfReference, PdfString, withEntries, type PdfDictionary, type PdfValue } from "../../core/pdf/values.ts";
import type { PdfEdit } from "./pdf-edit.ts";

/** @param cells elements in the order of the tree, among them all that have a name or tell headings */
export function renameElements(edit: PdfEdit, tree: PdfReference, cells: readonly PdfReference[]): void {
  const names = new Map<string, { readonly name: PdfString; readonly reference: PdfReference }>();
  for (const reference of cells) {
    const id = asDictionary(edit.get(reference))?.get("/ID");
    if (id instanceof PdfString) names.set(keyOf(id), { name: PdfString.text(`e${String(names.size + 1).padStart(8, "0")}`), reference });
  }
  if (names.size === 0) return;
  for (const reference of cells) {
    const cell = asDictionary(edit.get(reference));
    if (!cell) continue;
    const id = cell.get("/ID");
    const attributes = asArray(edit.resolve(cell.get("/A")));
    edit.set(
      reference,
      withEntries(cell, {
        ...(id instanceof PdfString && { ID: names.get(keyOf(id))?.name }),
        ...(attributes && { A: attributes.map((attribute) => renamed(attribute, names)) }),
      }),
    );
  }
  const root = edit.dictionary(tree);
  if (!root) return;
  drop(edit, root.get("/IDTree"), 0);
  const leaf = [...names.values()].flatMap(({ name, reference }): PdfValue[] => [name, reference]);
  edit.set(tree, withEntries(root, { IDTree: edit.add(dictionary({ Names: leaf })) }));
}

function renamed(attribute: PdfValue, names: ReadonlyMap<string, { readonly name: PdfString }>): PdfValue {
  const known: PdfDictionary | undefined = asDictionary(attribute);
  const headers = asArray(known?.get("/Headers"));
  if (!known || !headers) return attribute;
  return withEntries(known, {
    Headers: headers.map((header) => (header instanceof PdfString ? (names.get(keyOf(header))?.name ?? header) : header)),
  });
}

/** The old tree's nodes hold the old names. */
function drop(edit: PdfEdit, node: PdfValue | undefined, depth: number): void {
  const found = edit.dictionary(node);
  if (!(node instanceof PdfReference) || !found || depth > DEEPEST) return;
  for (const kid of asArray(edit.resolve(found.get("/Kids"))) ?? []) drop(edit, kid, depth + 1);
  edit.set(node, null);
}

/** Nodes of the tree within each other. */
const DEEPEST = 20;

function keyOf({ bytes }: PdfString): string {
  return Buffer.from(bytes).toString("latin1");
}

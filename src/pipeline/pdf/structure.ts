/**
 * Mends the structure tree that a browser wrote (ISO 32000-1 section 14.7) where PDF/UA-1 and PDF/A-3a ask for more: bodies of list items, rows of equal width, headings
 * that skip no level, a scope for each heading of a table, words for each picture, known types. No content is moved.
 */
import { malformed } from "../../core/pdf/read-value.ts";
import { dictionary, PdfReference, PdfString, withEntries, type PdfDictionary, type PdfValue } from "../../core/pdf/values.ts";
import type { PdfEdit } from "./pdf-edit.ts";
import { elementOf, kidsOf, type Element } from "./structure-elements.ts";
import { renameElements } from "./structure-names.ts";
import { mendTable } from "./structure-tables.ts";

/** Types of PDF 2.0 and of browsers, by what PDF 1.7 has for them (section 14.8.4). */
const ROLES: Readonly<Record<string, string>> = {
  Strong: "Span",
  Em: "Span",
  Sub: "Span",
  Title: "P",
  FENote: "Note",
  Aside: "Sect",
  DocumentFragment: "Sect",
  Article: "Art",
};

const STANDARD = new Set(
  (
    "Document Part Art Sect Div BlockQuote Caption TOC TOCI Index NonStruct Private P H H1 H2 H3 H4 H5 H6 L LI Lbl LBody Table TR TH TD THead TBody TFoot " +
    "Span Quote Note Reference BibEntry Code Link Annot Ruby RB RT RP Warichu WT WP Figure Formula Form"
  ).split(" "),
);

/** Said of a picture about which its author said nothing. */
const NO_WORDS = "Picture without a description";

/** Mends the tree that the catalog names; gives where it is. AppError `malformed` when there is none. */
export function mendStructure(edit: PdfEdit, catalog: PdfDictionary): PdfReference {
  const reference = catalog.get("/StructTreeRoot");
  const root = edit.dictionary(reference);
  if (!(reference instanceof PdfReference) || !root) throw malformed("it has no structure");
  const mender = new Mender(edit);
  for (const kid of kidsOf(root)) mender.visit(kid);
  renameElements(edit, reference, mender.cells);
  const unknown = [...mender.types].filter((type) => !STANDARD.has(type)).sort();
  if (unknown.length > 0)
    edit.set(
      reference,
      withEntries(edit.dictionary(reference) ?? root, {
        RoleMap: dictionary(Object.fromEntries(unknown.map((type) => [type, `/${ROLES[type] ?? "Div"}`]))),
      }),
    );
  return reference;
}

class Mender {
  readonly types = new Set<string>();
  /** Cells of tables, and whatever else has a name. */
  readonly cells: PdfReference[] = [];
  readonly #edit: PdfEdit;
  /** The level of the last heading. */
  #level = 0;

  constructor(edit: PdfEdit) {
    this.#edit = edit;
  }

  visit(kid: PdfValue): void {
    const element = elementOf(this.#edit, kid);
    if (!element) return;
    this.types.add(element.type);
    if (element.type === "TH" || element.type === "TD" || element.dictionary.has("/ID")) this.cells.push(element.reference);
    this.#mend(element);
    for (const each of kidsOf(element.dictionary)) this.visit(each);
  }

  #mend(element: Element): void {
    const { reference, dictionary: found, type } = element;
    const heading = /^H([1-6])$/.exec(type);
    if (heading) return this.#heading(element, Number(heading[1]));
    if (type === "LI") return this.#listItem(element);
    if (type === "Table") return mendTable(this.#edit, element);
    if (type === "Figure" && !found.has("/Alt") && !found.has("/ActualText"))
      this.#edit.set(reference, withEntries(found, { Alt: PdfString.text(NO_WORDS) }));
  }

  #heading({ reference, dictionary: found }: Element, level: number): void {
    const allowed = Math.min(level, this.#level + 1);
    this.#level = allowed;
    this.types.add(`H${allowed}`);
    if (allowed !== level) this.#edit.set(reference, withEntries(found, { S: `/H${allowed}` }));
  }

  /** ISO 14289-1 section 7.6: a label and a body. */
  #listItem({ reference, dictionary: found }: Element): void {
    const kids = kidsOf(found);
    const hasType = (kid: PdfValue, type: string): boolean => elementOf(this.#edit, kid)?.type === type;
    const labels = kids.filter((kid) => hasType(kid, "Lbl"));
    const rest = kids.filter((kid) => !labels.includes(kid));
    if (rest.length === 0 || (rest.length === 1 && rest.every((kid) => hasType(kid, "LBody")))) return;
    const body = this.#edit.add(dictionary({ Type: "/StructElem", S: "/LBody", P: reference, Pg: found.get("/Pg"), K: rest }));
    for (const kid of rest) {
      const element = elementOf(this.#edit, kid);
      if (element) this.#edit.set(element.reference, withEntries(element.dictionary, { P: body }));
    }
    this.#edit.set(reference, withEntries(found, { K: [...labels, body] }));
  }
}

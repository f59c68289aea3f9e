import { isPersonId } from "../derived/person.ts";

/** Where a resource stands, by its id here: `{documentId}`, `{documentId}.{entry}` or `{documentId}.{entry}.{contained}`; Provenances of ours, and what a source said of the document, have a word in place of the entry. */
export interface ResourceIdParts {
  readonly documentId: string;
  /** Empty for what has the document's own id. */
  readonly path: string;
}

const FORM =
  /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.(\d{1,7}(?:\.\d{1,6})?|seal|extraction|signature-\d{1,4}|(?:submitted|folder-\d{1,4})(?:\.\d{1,2})?|set\.\d{1,2}))?$/;

/** Undefined for an id that nothing here has. Upper and lower case are two ids (R4 datatypes.html, id). */
export function pathOf(id: string): ResourceIdParts | undefined {
  const [, documentId, path = ""] = FORM.exec(id) ?? [];
  return documentId === undefined ? undefined : { documentId, path };
}

/** A derived Patient is of no document alone: its path is its id. */
export function resourceId({ documentId, path }: ResourceIdParts): string {
  if (isPersonId(path)) return path;
  return path === "" ? documentId : `${documentId}.${path}`;
}

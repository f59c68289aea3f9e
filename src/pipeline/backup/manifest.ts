/** The manifest of a segment, of the record and of the audit trail alike: canonical JSON on one line, and its digest on the next. docs/formats.md, Backup. */
import { utf8, utf8Text } from "../../core/crypto/bytes.ts";
import { digestOf } from "../../core/crypto/digest.ts";
import { AppError } from "../../core/errors.ts";
import { canonicalJson } from "../../core/fhir/canonical.ts";
import { JsonArray, JsonObject, treeOf } from "../../core/fhir/tree/tree.ts";
import { DIGEST, readOpenFormat, textField, type FormatShape } from "../../core/formats/fields.ts";

/** @param fields with the digest of the parts as `parts` */
export function formatManifest(fields: object): Uint8Array {
  const text = canonicalJson(treeOf(fields));
  return utf8(`${text}\n${digestOf(text)}\n`);
}

/** Reads it, and holds the parts against it. AppError `malformed`. */
export function parseManifest(manifest: Uint8Array, parts: Uint8Array, shape: FormatShape): JsonObject {
  const [text = "", digest, ...rest] = utf8Text(manifest).split("\n");
  if (digestOf(text) !== digest || rest.join() !== "") throw new AppError("malformed", "its manifest is not what was written");
  const object = readOpenFormat(text, shape);
  if (textField(object, "parts", DIGEST) !== digestOf(parts)) throw new AppError("malformed", "its parts are not those of its manifest");
  return object;
}

/** The objects of a list. AppError `malformed`. */
export function objectsAt(object: JsonObject, name: string): JsonObject[] {
  const list = object.get(name);
  if (!(list instanceof JsonArray)) throw new AppError("malformed", `${name} is no list`);
  return list.items.map((item) => {
    if (!(item instanceof JsonObject)) throw new AppError("malformed", `${name} holds something that is no object`);
    return item;
  });
}

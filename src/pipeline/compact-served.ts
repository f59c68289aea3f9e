/** A document that was submitted in JSON as it is served, without reading it: what is not ours stands as it was written, but for the blanks. */
import { compactObject } from "../core/fhir/json/compact-json.ts";
import { readJson } from "../core/fhir/json/read-json.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { STORED_READ_LIMITS } from "../core/fhir/reading/read-limits.ts";
import { SourceText } from "../core/fhir/reading/source-text.ts";
import { servedMeta } from "../core/fhir/served-meta.ts";
import type { JsonObject } from "../core/fhir/tree/tree.ts";
import type { KnownCertificates } from "../core/crypto/certificate.ts";
import type { Leaf } from "../core/formats/leaf.ts";
import { servedSignature } from "./sign/seal-resources.ts";

/** Those that `servedResource` writes itself. */
const OURS: ReadonlySet<string> = new Set(["resourceType", "id", "_id", "meta"]);

/** The same resource as `servedResource` makes, as compact JSON; undefined of one that must be read. */
export function compactServed(
  { bytes, leaf, seal }: { readonly bytes: Uint8Array; readonly leaf: Leaf; readonly seal: string },
  known?: KnownCertificates,
): string | undefined {
  const compact = compactObject(bytes);
  if (!compact) return undefined;
  const { members } = compact;
  const text = (from: number, to: number): string => Buffer.from(compact.bytes.buffer, compact.bytes.byteOffset + from, to - from).toString("utf8");
  const own = members.find(({ name }) => name === "meta");
  const meta = own && objectIn(text(own.value, own.end));
  if (own && !meta) return undefined;
  const kept: string[] = [];
  // Members that follow each other stay together: the entries are most of it.
  for (let at = 0; at < members.length; at++) {
    const first = members[at];
    if (!first || OURS.has(first.name)) continue;
    while (at + 1 < members.length && !OURS.has(members[at + 1]?.name ?? "")) at++;
    kept.push(text(first.start, members[at]?.end ?? first.end));
  }
  const head = `"resourceType":"Bundle","id":${JSON.stringify(leaf.id)},"meta":${writeJson(servedMeta(meta, leaf))}`;
  const signature = members.some(({ name }) => name === "signature") ? [] : [`"signature":${writeJson(servedSignature(seal, known))}`];
  return `{${[head, ...kept, ...signature].join(",")}}`;
}

function objectIn(text: string): JsonObject | undefined {
  return readJson(new SourceText(text), STORED_READ_LIMITS).resource;
}

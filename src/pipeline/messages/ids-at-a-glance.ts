/** The two ids of a message, without reading the whole of it: enough to look whether it came before. Nothing relies on them but whoever holds the bytes against those that came. */
import { utf8Text } from "../../core/crypto/bytes.ts";
import type { Content } from "../document-forms.ts";
import type { MessageFacts } from "./message-forms.ts";

/** Undefined where they are not where they stand as a rule: the message is to be read, as one within Parameters is, which says more than itself. */
export function idsAtAGlance({ bytes, mediaType }: Content): Pick<MessageFacts, "id" | "bundleId"> | undefined {
  const text = utf8Text(bytes);
  return mediaType === "application/fhir+xml" ? idsInXml(text) : idsInJson(text);
}

function idsInJson(text: string): Pick<MessageFacts, "id" | "bundleId"> | undefined {
  try {
    const bundle = JSON.parse(text) as {
      readonly resourceType?: unknown;
      readonly id?: unknown;
      readonly entry?: readonly { readonly resource?: { readonly resourceType?: unknown; readonly id?: unknown } }[];
    } | null;
    const header = bundle?.entry?.[0]?.resource;
    const [bundleId, id] = [bundle?.id, header?.id];
    const isOne = bundle?.resourceType === "Bundle" && header?.resourceType === "MessageHeader";
    return isOne && typeof bundleId === "string" && typeof id === "string" ? { bundleId, id } : undefined;
  } catch {
    return undefined;
  }
}

/** An id is the first element of its resource, since elements have their order in XML (R4 xml.html). */
const BUNDLE_ID = /^\uFEFF?\s*(?:<\?xml[^<>]*>\s*)?<Bundle\s[^<>]*>\s*<id\s+value\s*=\s*["']([^"'&<>]*)["']/;
const HEADER_ID = /<MessageHeader(?:\s[^<>]*)?>\s*<id\s+value\s*=\s*["']([^"'&<>]*)["']/;

function idsInXml(text: string): Pick<MessageFacts, "id" | "bundleId"> | undefined {
  const [bundleId, id] = [BUNDLE_ID.exec(text)?.[1], HEADER_ID.exec(text)?.[1]];
  return bundleId === undefined || id === undefined ? undefined : { bundleId, id };
}

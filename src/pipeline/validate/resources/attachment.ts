import { createHash } from "node:crypto";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { JsonNumber } from "../../../core/fhir/tree/tree.ts";
import type { Findings } from "../findings.ts";
import type { Place } from "../place.ts";

/** An Attachment in itself: att-1, and size and hash against its data (R4 datatypes.html, Attachment). Those of data elsewhere can't be looked at. */
export function checkAttachment(attachment: JsonObject, place: Place, offset: number, findings: Findings): void {
  const data = attachment.string("data");
  if (attachment.has("data") && !attachment.has("contentType"))
    findings.add({ rule: "att-1", text: "An Attachment with data names its contentType: add it.", expression: place.expression(), offset });
  if (data === undefined || (!attachment.has("size") && !attachment.has("hash"))) return;
  const bytes = bytesOf(data);
  if (!bytes) return; // the format of data is judged elsewhere
  const size = attachment.get("size");
  if (size instanceof JsonNumber && size.text !== String(bytes.length))
    findings.add({
      rule: "attachment-size",
      text: `The data has ${bytes.length} bytes before it was encoded, not ${size.text.slice(0, 20)}: mend size.`,
      expression: place.expression(),
      offset,
    });
  const hash = attachment.string("hash");
  if (hash !== undefined && hash !== createHash("sha1").update(bytes).digest("base64"))
    findings.add({
      rule: "attachment-hash",
      text: "The hash is not that of the data: it is the base64 of its SHA-1.",
      expression: place.expression(),
      offset,
    });
}

function bytesOf(data: string): Buffer | undefined {
  const plain = data.replace(/\s+/g, "");
  return /^[A-Za-z0-9+/]*={0,2}$/.test(plain) && plain.length % 4 === 0 ? Buffer.from(plain, "base64") : undefined;
}

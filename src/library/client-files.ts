/** What the client looks for in files and answers that it is given. */
import type { OperationOutcome } from "fhir/r4.js";

/** Of which document a receipt is that was verified: its leaf says so (docs/formats.md, Receipt and Leaf). */
export function documentOf(receipt: Uint8Array): string {
  const { leaf } = JSON.parse(new TextDecoder().decode(receipt)) as { readonly leaf: string };
  return (JSON.parse(leaf) as { readonly id: string }).id;
}

/** XML begins with a bracket, JSON does not. */
export function mediaTypeOf(body: Uint8Array | string): string {
  const begin = typeof body === "string" ? body.slice(0, 200) : new TextDecoder().decode(body.subarray(0, 200));
  return begin.trimStart().startsWith("<") ? "application/fhir+xml" : "application/fhir+json";
}

/** What an answer says of itself, where it says anything. */
export async function outcomeIn(response: Response): Promise<OperationOutcome | undefined> {
  const found = (await response.json().catch(() => undefined)) as Partial<OperationOutcome> | undefined;
  return found?.resourceType === "OperationOutcome" ? (found as OperationOutcome) : undefined;
}

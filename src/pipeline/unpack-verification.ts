/** What `$verify` is sent: a document, or a Parameters with one and what its holder has beside it. A function from data to data, for any thread. */
import { objectText } from "../core/fhir/json/object-text.ts";
import type { JsonObject } from "../core/fhir/tree/tree.ts";
import { StandaloneElements } from "../core/fhir/xml/standalone-element.ts";
import { fromBase64 } from "../core/crypto/base64.ts";
import { utf8 } from "../core/crypto/bytes.ts";
import type { Definitions } from "../core/fhir/r4/definitions.ts";
import type { Issue } from "../core/fhir/issue.ts";
import { told, type Examination, type Told } from "./admission.ts";
import type { DocumentMediaType, Received } from "./document-forms.ts";
import { receive } from "./intake/receive.ts";

/** Files as somebody holds them: the document to the byte. */
export interface HeldFiles {
  readonly bytes: Uint8Array;
  readonly receipt?: Uint8Array;
  readonly trust?: Uint8Array;
}

export type UnpackedVerification =
  (Told & { readonly kind: "unreadable" | "wrong-parameters" }) | { readonly kind: "held"; readonly files: HeldFiles };

/** Names of the parameters, each at most once. */
export const VERIFY_PARAMETERS = ["document", "receipt", "trust"] as const;

/** Takes the files out. What is wrong with the document itself is for the verification to say. */
export function unpackVerification(
  { bytes, mediaType, limits }: Examination,
  { definitions }: { readonly definitions: Definitions },
): UnpackedVerification {
  const intake = receive({ bytes, mediaType }, limits, definitions);
  if (intake.kind === "unreadable") return { kind: "unreadable", ...told(intake.issues, intake.source) };
  const { received } = intake;
  const { resource, source } = received;
  const files =
    resource.string("resourceType") === "Parameters" ? filesIn(received) : resource.string("resourceType") === "Bundle" ? { bytes } : NO_DOCUMENT;
  return files instanceof Object && "text" in files ? { kind: "wrong-parameters", ...told([files], source) } : { kind: "held", files };
}

function filesIn(received: Received<DocumentMediaType>): HeldFiles | Issue {
  const parameters = received.resource.objects("parameter");
  const names = parameters.map((parameter) => parameter.string("name") ?? "");
  const strange = names.find((name, at) => !VERIFY_PARAMETERS.some((known) => known === name) || names.indexOf(name) !== at);
  if (strange !== undefined)
    return fault(`$verify takes document, receipt and trust, each once; "${strange.slice(0, 100)}" is none of them, or stands here twice.`);
  const [document, receipt, trust] = VERIFY_PARAMETERS.map((name) => parameters[names.indexOf(name)]);
  const bytes = document?.object("resource") && documentIn(document.object("resource") as JsonObject, received);
  if (bytes === undefined) return NO_DOCUMENT;
  const beside = { receipt, trust };
  const read: { receipt?: Uint8Array; trust?: Uint8Array } = {};
  for (const name of ["receipt", "trust"] as const) {
    const data = beside[name] && fromBase64((beside[name].string("valueBase64Binary") ?? "").replace(/\s/g, ""));
    if (beside[name] && (data === undefined || data.length === 0)) return fault(`The parameter ${name} is a file: valueBase64Binary.`);
    if (data) read[name] = data;
  }
  return { bytes, ...read };
}

/** A Bundle as it was sent, or what a Binary holds. */
function documentIn(resource: JsonObject, { source, mediaType }: Received<DocumentMediaType>): Uint8Array | undefined {
  const type = resource.string("resourceType");
  if (type === "Binary") return fromBase64((resource.string("data") ?? "").replace(/\s/g, ""));
  if (type !== "Bundle") return undefined;
  return utf8(
    mediaType === "application/fhir+xml" ? new StandaloneElements(source.text).at(resource.offset).text : objectText(source.text, resource.offset),
  );
}

function fault(text: string): Issue {
  return { severity: "error", code: "invalid", rule: "operation-parameters", text, expression: "Parameters.parameter" };
}

const NO_DOCUMENT = fault(
  "Send the document: a Bundle, or a Parameters with the parameter document, which is a Bundle or a Binary that holds the file.",
);

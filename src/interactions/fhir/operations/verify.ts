/** `$verify`: whether a document is what was deposited, and what each of its signatures is worth, in the words of the command line and the pages. */
import type { Asked } from "../../../core/asked.ts";
import { operationOutcome } from "../../../core/fhir/issue.ts";
import { SIGNED_MESSAGE } from "../../../core/fhir/reading/fhir-media-type.ts";
import { SourceExcerpt } from "../../../core/fhir/reading/source-excerpt.ts";
import { treeOf, type JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { DepositContext } from "../../../pipeline/deposit.ts";
import { reportFields, type VerificationReport } from "../../../pipeline/verify/report.ts";
import { byOwnTrust, verifyDocument, verifyHeldFile, type HeldVerifying, type VerifyNeeds } from "../../pages/verify-document.ts";
import type { FhirOperation, OperationAnswer, OperationCall, OperationResult } from "../operation.ts";

export type VerifyOperationNeeds = VerifyNeeds & { readonly depositing: Pick<DepositContext, "limits" | "fhirBase"> };

export function verifyOperation(using: VerifyOperationNeeds): FhirOperation {
  const ofHeld = verifySentOperation({ depositing: using.depositing, ...byOwnTrust(using) });
  return {
    ...ofHeld,
    levels: ["system", "instance"],
    handle: (asked, call) => (call.id === undefined ? ofHeld.handle(asked, call) : ofKept(asked, call.id, call, using)),
  };
}

/** What verifies what is sent. */
export type VerifySentNeeds = HeldVerifying & Pick<VerifyOperationNeeds, "depositing">;

/** The same of what is sent alone, where nothing is kept. */
export function verifySentOperation(using: VerifySentNeeds): FhirOperation {
  return {
    name: "verify",
    definition: `${using.depositing.fhirBase}/OperationDefinition/verify`,
    documentation:
      "Says whether a document is what was deposited, and of each of its signatures whether block, content, certificate and signer hold. On an instance it is about the document that is kept; sent one, nothing is kept and nothing looked up: its receipt and a trust file may come along (files, as they are downloaded), and without a trust file that of this repository is taken.",
    levels: ["system"],
    types: ["Bundle"],
    affectsState: false,
    takesMessages: true,
    parameters: [
      { name: "document", isSimple: false, type: "Resource", min: 0, max: "1" },
      { name: "receipt", isSimple: false, type: "base64Binary", min: 0, max: "1" },
      { name: "trust", isSimple: false, type: "base64Binary", min: 0, max: "1" },
    ],
    results: RESULTS,
    handle: (asked, call) => ofSent(asked, call, using),
  };
}

async function ofKept(asked: Asked, id: string, { sent, message }: OperationCall, using: VerifyOperationNeeds): Promise<OperationAnswer> {
  if (sent || message) return refused(400, "What is kept is verified as it is: send nothing to this address, or the document to /fhir/$verify.");
  return answer(await verifyDocument(asked, id, using));
}

async function ofSent(asked: Asked, { sent, message }: OperationCall, using: VerifySentNeeds): Promise<OperationAnswer> {
  const content = message ? ({ bytes: message, mediaType: SIGNED_MESSAGE } as const) : sent;
  if (!content)
    return refused(400, "Send the document: a Bundle, a signed message (application/pkcs7-mime), or a Parameters with the parameter document.");
  const { limits } = using.depositing;
  const unpacked = await using.work.do("unpackVerification", { ...content, limits }, { bytes: content.bytes.length });
  if (unpacked.kind === "held") {
    const { bytes, receipt, trust } = unpacked.files;
    return answer(await verifyHeldFile(asked, { bytes, receipt, trust }, using));
  }
  const resource = operationOutcome(unpacked.issues, new SourceExcerpt(unpacked.source));
  return unpacked.kind === "unreadable" ? { kind: "unreadable", resource } : { kind: "refused", status: 422, resource };
}

function refused(status: number, text: string): OperationAnswer {
  return { kind: "refused", status, resource: operationOutcome([{ severity: "error", code: "required", rule: "operation-parameters", text }]) };
}

function answer(report: VerificationReport): OperationAnswer {
  const resource = treeOf({ resourceType: "Parameters", parameter: partsOf(reportFields(report), RESULTS) }) as JsonObject;
  return { kind: "resource", resource };
}

const code = (name: string, min: 0 | 1 = 1): OperationResult => ({ name, type: "code", min, max: "1" });
const text = (name: string, min: 0 | 1 = 1, max: "1" | "*" = "1"): OperationResult => ({ name, type: "string", min, max });

/** What is answered: the properties of the report by their names, a list as a parameter that is repeated, an object by its parts. */
const RESULTS: readonly OperationResult[] = [
  code("verdict"),
  {
    name: "signatures",
    min: 0,
    max: "*",
    parts: [
      ...[text("place"), code("form"), code("block"), code("content"), code("certificate"), code("signer"), code("standing"), code("role")],
      ...[text("signerName", 0), text("signedAt", 0), text("covers", 0)],
      { name: "reasons", min: 0, max: "1", parts: [text("block"), text("content"), text("certificate"), text("signer")] },
      {
        name: "judged",
        min: 0,
        max: "1",
        parts: [{ name: "at", type: "instant", min: 1, max: "1" }, code("basis"), text("certificate"), text("trust")],
      },
      { name: "purpose", min: 0, max: "1", parts: [text("claimed", 0, "*"), text("signed", 0, "*"), code("result")] },
      text("explanation"),
    ],
  },
  { name: "checks", min: 0, max: "*", parts: [text("name"), code("result"), text("text")] },
];

function partsOf(fields: object, results: readonly OperationResult[]): object[] {
  const values = new Map<string, unknown>(Object.entries(fields));
  return results.flatMap((result) => {
    const value = values.get(result.name);
    const all: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
    return all.map((one) => ({ name: result.name, ...valueOf(one, result) }));
  });
}

function valueOf(value: unknown, result: OperationResult): object {
  if (result.parts) return { part: partsOf(value as object, result.parts) };
  // FHIR has no empty text.
  return { [`value${result.type.charAt(0).toUpperCase()}${result.type.slice(1)}`]: String(value) || "-" };
}

/**
 * What the gate demands of the signatures that a document comes with, by the document's type. By default nothing: a repository keeps what it was given and says what it is worth. A policy never changes what is found.
 */
import { AppError } from "../core/errors.ts";
import { isError, type Issue } from "../core/fhir/issue.ts";
import { readJson } from "../core/fhir/json/read-json.ts";
import { DEFAULT_READ_LIMITS } from "../core/fhir/reading/read-limits.ts";
import { SourceText } from "../core/fhir/reading/source-text.ts";
import { JsonArray, JsonObject } from "../core/fhir/tree/tree.ts";
import { SIGNATURE_RESULTS, type SignatureCheck } from "../core/signatures/signature-check.ts";

/** Least first. */
const DEMANDS = ["record", "require-valid", "require-trusted"] as const;

/**
 * `record`: whatever it is worth, it is recorded. `require-valid`: the document is signed as a whole, block and content are valid, and the certificate is not proved false; what could not be checked is not valid.
 * `require-trusted`: besides, certificate and signer are valid. With both, no signature within the entries may be proved false.
 */
export type SignatureDemand = (typeof DEMANDS)[number];

/** Data: it may leave its thread. */
export interface SignaturePolicy {
  /** Names it in deposit records. */
  readonly version: string;
  /** Of documents of no type that is named. */
  readonly otherwise: SignatureDemand;
  readonly types: readonly { readonly system: string | undefined; readonly code: string; readonly require: SignatureDemand }[];
}

export const RECORD_SIGNATURES: SignaturePolicy = { version: "record", otherwise: "record", types: [] };

/** A policy by its name; undefined for none of ours. */
export function namedSignaturePolicy(name: string): SignaturePolicy | undefined {
  const demand = DEMANDS.find((known) => known === name);
  return demand && { version: demand, otherwise: demand, types: [] };
}

/** Whether anything of it needs certificates of people who are trusted. */
export function needsTrust({ otherwise, types }: SignaturePolicy): boolean {
  return [otherwise, ...types.map(({ require }) => require)].includes("require-trusted");
}

/**
 * Reads a policy file: `{ "version": "ward-7/1", "otherwise": "record", "types": [{ "system": "http://loinc.org", "code": "18842-5", "require": "require-trusted" }] }`.
 *
 * @throws AppError `malformed`.
 */
export function readSignaturePolicy(text: string): SignaturePolicy {
  const { resource, issues } = readJson(new SourceText(text), DEFAULT_READ_LIMITS);
  const fault = issues.find(isError);
  if (resource === undefined || fault) throw new AppError("malformed", `A policy is a JSON object: ${fault?.text ?? "this is something else"}`);
  const version = resource.string("version");
  const listed = resource.get("types");
  const strange = resource.names.find((name) => !["version", "otherwise", "types"].includes(name));
  if (strange !== undefined) throw new AppError("malformed", `A signature policy has no "${strange}".`);
  if (version === undefined || !(listed instanceof JsonArray))
    throw new AppError("malformed", 'A signature policy has a "version" (a text), "types" (a list), and perhaps "otherwise".');
  return { version, otherwise: demandOf(resource.string("otherwise") ?? "record"), types: listed.items.map(typeOf) };
}

function typeOf(item: unknown): SignaturePolicy["types"][number] {
  if (!(item instanceof JsonObject) || item.names.some((name) => !["system", "code", "require"].includes(name)))
    throw new AppError("malformed", 'Each of "types" is an object of "system", "code" and "require".');
  const code = item.string("code");
  if (code === undefined) throw new AppError("malformed", 'One of "types" has no "code".');
  return { system: item.string("system"), code, require: demandOf(item.string("require") ?? "") };
}

function demandOf(text: string): SignatureDemand {
  const demand = DEMANDS.find((known) => known === text);
  if (demand === undefined) throw new AppError("malformed", `"${text.slice(0, 50)}" is none of ${DEMANDS.join(", ")}.`);
  return demand;
}

/** What is demanded of a document: the most of what its types demand, by any coding of Composition.type. */
export function demandOn(bundle: JsonObject, { otherwise, types }: SignaturePolicy): SignatureDemand {
  const composition = bundle.objects("entry")[0]?.object("resource");
  const codings = composition?.object("type")?.objects("coding") ?? [];
  const found = types.filter(({ system, code }) => codings.some((coding) => coding.string("code") === code && coding.string("system") === system));
  if (found.length === 0) return otherwise;
  return DEMANDS.findLast((demand) => found.some(({ require }) => require === demand)) ?? otherwise;
}

/** What is wrong with the signatures of a document by the policy: each with what failed, why, and what to do. */
export function signatureIssues(bundle: JsonObject, checks: readonly SignatureCheck[], policy: SignaturePolicy): Issue[] {
  const demand = demandOn(bundle, policy);
  if (demand === "record") return [];
  const own = checks.filter(({ place }) => place === OWN);
  const within = checks.filter(({ place }) => place !== OWN);
  const unsigned =
    own.length === 0
      ? [issue(bundle, "required", "Bundle", `${TAKEN[demand]}, and this one has none: sign the whole document (Bundle.signature).`)]
      : [];
  return [
    ...unsigned,
    ...own.flatMap((check) => {
      const failed = lacking(check, demand);
      return failed.length === 0
        ? []
        : [
            issue(
              bundle,
              "business-rule",
              OWN,
              `${told(OWN, check, failed)} ${TAKEN[demand]}: ${REMEDIES[failed.some((name) => name === "block" || name === "content") ? "sign" : "trust"]}`,
            ),
          ];
    }),
    ...within.flatMap((check) => {
      const failed = SIGNATURE_RESULTS.filter((name) => check[name] === "invalid");
      return failed.length === 0 ? [] : [issue(bundle, "business-rule", check.place, `${told(check.place, check, failed)} ${NONE_FALSE}`)];
    }),
  ];
}

/**
 * A warning for each signature that is proved false, whatever is demanded: it refuses nothing by itself, but its sender learns of it at once instead of from the document's page.
 */
export function falseSignatures(bundle: JsonObject, checks: readonly SignatureCheck[]): Issue[] {
  return checks.flatMap((check): Issue[] => {
    const failed = SIGNATURE_RESULTS.filter((name) => check[name] === "invalid");
    if (failed.length === 0) return [];
    const why = check.reasons
      ? [...new Set(failed.map((name) => `${FALSE_WORDS[name]} (${check.reasons?.[name] ?? ""})`))].join("; ")
      : check.explanation;
    const text = `A signature is false: ${why}. The document can be deposited, and is shown with a false signature for ever: sign it as it is sent, or leave the signature out.`;
    return [{ ...issue(bundle, "business-rule", check.place, text), severity: "warning", rule: "signature-false" }];
  });
}

const FALSE_WORDS = {
  block: "its own value does not fit",
  content: "what was signed is not this",
  certificate: "its certificate was not valid",
  signer: "its certificate is not of whom it names",
} as const;
const OWN = "Bundle.signature";

const TAKEN: Readonly<Record<Exclude<SignatureDemand, "record">, string>> = {
  "require-valid": "Here documents of this type are taken with a valid signature alone (SIGNATURE_POLICY: require-valid)",
  "require-trusted": "Here documents of this type are taken with the signature of somebody who is trusted alone (SIGNATURE_POLICY: require-trusted)",
};
const REMEDIES = {
  sign: "sign the document as it is sent, in a form that is checked (docs/formats.md, Signatures that are checked), and send it again.",
  trust:
    "sign with a certificate that this repository's operator trusts, and that names the party in Signature.who; or ask the operator to trust yours (TRUST_FILE).",
} as const;
const NONE_FALSE = "Here no signature of such a document may be false (SIGNATURE_POLICY): take it out, or sign that part again.";

function lacking(check: SignatureCheck, demand: SignatureDemand): (typeof SIGNATURE_RESULTS)[number][] {
  return SIGNATURE_RESULTS.filter((name) => {
    if (name === "block" || name === "content" || demand === "require-trusted") return check[name] !== "valid";
    return check[name] === "invalid";
  });
}

/** The signature, and of each result that failed what it is and why. */
function told(place: string, check: SignatureCheck, failed: readonly (typeof SIGNATURE_RESULTS)[number][]): string {
  const reasons = [...new Set(failed.map((name) => `${name} is ${check[name]}${check.reasons ? ` (${check.reasons[name]})` : ""}`))];
  return `${place}: ${reasons.join("; ")}${check.reasons ? "." : `: ${check.explanation}`}`;
}

function issue(bundle: JsonObject, code: string, expression: string, text: string): Issue {
  const signature = expression === OWN ? bundle.object("signature") : undefined;
  return { severity: "error", code, rule: "signature-policy", text, expression, ...(signature && { offset: signature.offset }) };
}

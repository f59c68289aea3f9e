/** What terminology servers say: of themselves (R4 terminologycapabilities.html), and of codes (R4 operations ValueSet/$validate-code, CodeSystem/$validate-code and $lookup). Nothing of it is believed further than its form. */
import { digestOf } from "../../crypto/digest.ts";
import type { TerminologyAnswer } from "./questions.ts";

/** What a server says of itself. */
export interface ServerFacts {
  /** Names what it is and has: as long as that stays the same, so do its answers. */
  readonly edition: string;
  /** As an operator would know it: `Ontoserver 6.20`. */
  readonly software: string;
  /** Its code systems with the versions that it names; undefined where it lists none. */
  readonly systems: ReadonlyMap<string, readonly string[]> | undefined;
}

/** What came of one question: an answer, or that the server does not know the value set. */
export type Told = TerminologyAnswer | "value-set-unknown";

/** @param said TerminologyCapabilities, or the CapabilityStatement of a server that has none; undefined for anything else */
export function serverFacts(said: unknown): ServerFacts | undefined {
  const { resourceType, software, version, codeSystem } = objectOf(said);
  if (resourceType !== "TerminologyCapabilities" && resourceType !== "CapabilityStatement") return undefined;
  const about = objectOf(software);
  const name = [about["name"], about["version"]].flatMap((part) => (typeof part === "string" ? [part] : [])).join(" ");
  const listed = resourceType === "TerminologyCapabilities" ? listOf(codeSystem) : [];
  const systems = new Map<string, string[]>();
  for (const one of listed) {
    const [uri = "", pinned] = (textOf(one["uri"]) ?? "").split("|");
    if (uri === "") continue;
    const versions = systems.get(uri) ?? [];
    const named = listOf(one["version"]).flatMap((each) => textOf(each["code"]) ?? []);
    systems.set(uri, [...versions, ...named, ...(pinned === undefined ? [] : [pinned])]);
  }
  const held = [...systems].map(([uri, versions]) => `${uri}|${[...versions].sort().join("|")}`).sort();
  // Many servers date what they say of themselves by the moment at which they are asked.
  const edition = digestOf([name, textOf(version) ?? "", ...held].join("\n")).slice("sha256:".length, "sha256:".length + 16);
  return { edition, software: printable(name) || "a server without a name", systems: systems.size === 0 ? undefined : systems };
}

/** Whether a server has a code system in that version; true where it does not say. */
export function mayHave({ systems }: ServerFacts, system: string, version: string | undefined): boolean {
  const versions = systems?.get(system);
  if (systems === undefined || version === undefined || versions?.length === 0) return systems === undefined || versions !== undefined;
  // An edition of SNOMED CT stands for its versions.
  return versions?.some((one) => one === version || one.startsWith(`${version}/`)) ?? false;
}

/**
 * What `$validate-code` answered. `result` false means no, also where nothing else is said; but a server that says it does not know the system, or can't do what was asked, has not said no.
 *
 * @param status that of HTTP; of 200 a Parameters resource is expected, of the others an OperationOutcome
 * @returns undefined for what is no answer at all
 */
export function validated(status: number, said: unknown): Told | undefined {
  const object = objectOf(said);
  if (status !== 200) return status >= 400 && status < 500 ? refused(listOf(object["issue"])) : undefined;
  if (object["resourceType"] !== "Parameters") return undefined;
  const parameters = listOf(object["parameter"]);
  const valueOf = (name: string, type: string): unknown => parameters.find((one) => one["name"] === name)?.[type];
  const result = valueOf("result", "valueBoolean");
  const display = printable(valueOf("display", "valueString"));
  const inactive = valueOf("inactive", "valueBoolean") === true;
  const more = { ...(display !== "" && { display }), ...(inactive && { inactive }) };
  if (result === true) return { membership: "member", ...more };
  if (result !== false) return undefined;
  if (parameters.some(({ name }) => name === "x-caused-by-unknown-system" || name === "x-unknown-system")) return UNKNOWN;
  const issues = parameters.flatMap((one) => (one["name"] === "issues" ? listOf(objectOf(one["resource"])["issue"]) : []));
  const errors = issues.filter(({ severity }) => severity === "error" || severity === "fatal");
  if (errors.some(isAboutValueSet)) return "value-set-unknown";
  return errors.some(isNoAnswer) ? UNKNOWN : { membership: "stranger" };
}

/** What `$lookup` answered: a code that it finds is one; for what it does not find it has many words, none of which says no. */
export function lookedUp(status: number, said: unknown): TerminologyAnswer | undefined {
  const object = objectOf(said);
  if (status === 200 && object["resourceType"] === "Parameters") {
    const display = printable(listOf(object["parameter"]).find(({ name }) => name === "display")?.["valueString"]);
    return { membership: "member", ...(display !== "" && { display }) };
  }
  return status >= 400 && status < 500 ? UNKNOWN : undefined;
}

const UNKNOWN: TerminologyAnswer = { membership: "unknown" };

/** A status of 400 and more: where it does not say that it can't do it, the value set is none that it knows. Servers have many words for that, and none in common. */
function refused(issues: readonly JsonValues[]): Told {
  return issues.some(({ code }) => CAN_NOT.has(code)) ? UNKNOWN : "value-set-unknown";
}

const CAN_NOT: ReadonlySet<unknown> = new Set(["not-supported", "too-costly", "timeout", "exception", "incomplete", "transient", "throttled"]);

/** Details of the terminology ecosystem that say why there is no answer, and those that say no. */
const NO_ANSWER: ReadonlySet<unknown> = new Set(["not-found", "cannot-infer", "vs-invalid"]);
const SAYS_NO: ReadonlySet<unknown> = new Set(["not-in-vs", "this-code-not-in-vs", "invalid-code"]);

function isNoAnswer(issue: JsonValues): boolean {
  const details = detailsOf(issue);
  return NO_ANSWER.has(details) || (!SAYS_NO.has(details) && (CAN_NOT.has(issue["code"]) || issue["code"] === "not-found"));
}

/** Nothing is unknown but the value set. */
function isAboutValueSet(issue: JsonValues): boolean {
  return detailsOf(issue) === "not-found" && /value ?set/i.test(textOf(objectOf(issue["details"])["text"]) ?? "");
}

function detailsOf(issue: JsonValues): string | undefined {
  const coding = listOf(objectOf(issue["details"])["coding"]).find(({ system }) => system === "http://hl7.org/fhir/tools/CodeSystem/tx-issue-type");
  return textOf(coding?.["code"]);
}

type JsonValues = Readonly<Record<string, unknown>>;

function objectOf(value: unknown): JsonValues {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonValues) : {};
}

function listOf(value: unknown): readonly JsonValues[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A stranger's words, on one line and no longer than any of a code. */
function printable(value: unknown): string {
  return (textOf(value) ?? "")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ")
    .trim()
    .slice(0, 400);
}

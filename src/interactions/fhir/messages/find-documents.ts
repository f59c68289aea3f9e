/** A search for DocumentReferences that is asked by a message (R4 messaging.html, "Invoking Search via Messages"). */
import type { Asked } from "../../../core/asked.ts";
import { AppError } from "../../../core/errors.ts";
import type { Issue } from "../../../core/fhir/issue.ts";
import { readJson } from "../../../core/fhir/json/read-json.ts";
import { STORED_READ_LIMITS } from "../../../core/fhir/reading/read-limits.ts";
import { SourceText } from "../../../core/fhir/reading/source-text.ts";
import { JsonNumber, type JsonObject } from "../../../core/fhir/tree/tree.ts";
import { messageIssue, type ReadMessage } from "../../../pipeline/messages/message-forms.ts";
import type { Parameter } from "../../../search/query/search-query.ts";
import type { ResourceInteractions } from "../search-resources.ts";
import { FIND_DOCUMENTS } from "./message-definitions.ts";

export type FoundDocuments =
  | {
      readonly kind: "found";
      readonly resources: readonly { readonly fullUrl: string; readonly resource: JsonObject }[];
      readonly issues: readonly Issue[];
    }
  | { readonly kind: "not-asked"; readonly issues: readonly Issue[] };

/** So many are answered, unless `_count` asks for fewer or more: a message has no next page. */
const COUNT = "100";

export async function findDocuments(
  asked: Asked,
  { focus }: Pick<ReadMessage, "focus">,
  { resources }: { readonly resources: Pick<ResourceInteractions, "search"> },
): Promise<FoundDocuments> {
  const [only] = focus;
  if (focus.length !== 1 || only?.kind !== "resource" || only.type !== "Parameters") {
    const text = `The focus of ${FIND_DOCUMENTS} is one Parameters, with search parameters of DocumentReference.`;
    return { kind: "not-asked", issues: [messageIssue("focus", text, { code: "required", expression: "Bundle.entry[0].resource.focus" })] };
  }
  const parameters = parametersIn(parsed(only.text));
  if ("text" in parameters) return { kind: "not-asked", issues: [{ ...parameters, expression: `${only.expression}.parameter` }] };
  try {
    const counted: readonly Parameter[] = parameters.some(([name]) => name === "_count") ? parameters : [...parameters, ["_count", COUNT]];
    const page = await resources.search(
      asked,
      { type: "DocumentReference", parameters: counted, handling: "strict" },
      { form: "json", pretty: false },
    );
    return foundIn(parsed(new TextDecoder().decode(await page.write())));
  } catch (error) {
    if (!(error instanceof AppError) || !ASKED_WRONGLY.has(error.code)) throw error;
    return { kind: "not-asked", issues: [messageIssue("search", error.message, { code: "invalid", expression: `${only.expression}.parameter` })] };
  }
}

const ASKED_WRONGLY: ReadonlySet<string> = new Set(["bad-query", "unsupported", "too-costly"]);

/** A page of a search as an answer: what it says beside resources is told as it says it, and what comes with a match counts as none. */
function foundIn(bundle: JsonObject): FoundDocuments {
  const entries = bundle.objects("entry").flatMap((entry) => {
    const [fullUrl, resource] = [entry.string("fullUrl"), entry.object("resource")];
    return fullUrl === undefined || !resource ? [] : [{ fullUrl, resource, mode: entry.object("search")?.string("mode") }];
  });
  const said = entries.filter(({ mode }) => mode === "outcome").flatMap(({ resource }) => resource.objects("issue").map(saidIssue));
  const resources = entries.flatMap(({ mode, ...one }) => (mode === "outcome" ? [] : [one]));
  const hasMore = bundle.objects("link").some((link) => link.string("relation") === "next");
  const total = bundle.get("total");
  const count = entries.filter(({ mode }) => mode === "match").length;
  const counted = entries.length === 0 && total instanceof JsonNumber ? Number(total.text) : count;
  return { kind: "found", resources, issues: [countIssue(counted, hasMore), ...said] };
}

function saidIssue(issue: JsonObject): Issue {
  const isFault = issue.string("severity") === "error";
  const text = issue.string("diagnostics") ?? issue.object("details")?.string("text") ?? "";
  return { ...messageIssue("search", text, { code: issue.string("code") ?? "processing" }), severity: isFault ? "error" : "warning" };
}

function countIssue(count: number, hasMore: boolean): Issue {
  const text = hasMore
    ? `These are the first ${count}; there are more. Ask for others by _lastUpdated or other parameters, or search by REST, which has pages.`
    : `${count} found.`;
  return { severity: hasMore ? "warning" : "information", code: hasMore ? "incomplete" : "informational", rule: "message-found", text };
}

function parsed(text: string): JsonObject {
  const { resource } = readJson(new SourceText(text), STORED_READ_LIMITS);
  if (!resource) throw new AppError("internal", "what was written cannot be read");
  return resource;
}

/** Search parameters by name, with values as an address writes them. */
function parametersIn(resource: JsonObject): readonly Parameter[] | Issue {
  const read: Parameter[] = [];
  for (const parameter of resource.objects("parameter")) {
    const name = parameter.string("name") ?? "";
    const value = valueIn(parameter);
    if (value === undefined)
      return messageIssue("parameter", `The parameter "${name.slice(0, 100)}" has no value that a search takes: give it a valueString.`, {
        code: "value",
      });
    // R4's form for a search upon a type names it; here it is one type.
    if (name === "resourceType" && value === "DocumentReference") continue;
    read.push([name, value]);
  }
  return read;
}

/** R4 messaging.html: parameters as data types. A token may be a Coding or an Identifier, a reference a uri or a Reference. */
function valueIn(parameter: JsonObject): string | undefined {
  const name = parameter.names.find((one) => one.startsWith("value"));
  const value = name === undefined ? undefined : parameter.get(name);
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  if (value instanceof JsonNumber) return value.text;
  const coding = parameter.object("valueCoding");
  if (coding) return tokenOf(coding.string("system"), coding.string("code"));
  const identifier = parameter.object("valueIdentifier");
  if (identifier) return tokenOf(identifier.string("system"), identifier.string("value"));
  return parameter.object("valueReference")?.string("reference");
}

function tokenOf(system: string | undefined, code: string | undefined): string | undefined {
  const escaped = (text: string): string => text.replace(/[\\$,|]/g, String.raw`\$&`);
  if (code === undefined) return undefined;
  return system === undefined ? escaped(code) : `${escaped(system)}|${escaped(code)}`;
}

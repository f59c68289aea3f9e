import { bundleEntries, EntryIndex } from "../../../core/fhir/document-bundle.ts";
import { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import { isAbsoluteUrl, restfulTail } from "../../../core/fhir/references.ts";
import type { Findings, PlainRuleId } from "../findings.ts";
import type { Place } from "../place.ts";
import { shown } from "../shown.ts";

/** Bundles whose entries may have no identity yet (R4 bundle.html, "Resource URL & Uniqueness rules": "Except for transactions and batches"). */
const WITHOUT_FULL_URLS: ReadonlySet<string> = new Set(["transaction", "transaction-response", "batch", "batch-response"]);
/** Bundles that are pages of a result (R4 http.html, paging). */
const PAGED: ReadonlySet<string> = new Set(["searchset", "history"]);
const PAGE_LINKS: ReadonlySet<string> = new Set(["first", "previous", "prev", "next", "last"]);
/** Links that lead to one place (RFC 8288 names that R4 http.html uses for paging): each once. */
const SINGLE_LINKS: ReadonlySet<string> = new Set(["self", ...PAGE_LINKS]);

/** What R4 says in prose of every Bundle (bundle.html): identities of entries, links, results of a search. */
export function checkBundle(bundle: JsonObject, place: Place, findings: Findings, definitions: Definitions): void {
  const at = place.expression();
  const type = bundle.string("type") ?? "";
  checkLinks(bundle, type, at, findings);
  if (type === "message") checkFocus(bundle, at, findings);
  bundle.items("entry").forEach((entry, index) => {
    if (!(entry instanceof JsonObject)) return;
    const entryAt = `${at}.entry[${index}]`;
    checkIdentity(entry, type, entryAt, findings, definitions);
    if (type === "searchset") checkResult(entry, entryAt, findings);
  });
}

function checkIdentity(entry: JsonObject, type: string, at: string, findings: Findings, definitions: Definitions): void {
  const resource = entry.object("resource");
  const url = entry.string("fullUrl");
  const report = (rule: PlainRuleId, text: string): void => {
    findings.add({ rule, text, expression: at, offset: url === undefined ? entry.offset : entry.offsetOf("fullUrl") });
  };
  if (url === undefined) {
    // An entry with nothing in it is told of by bdl-5.
    if (!entry.has("fullUrl") && resource && type !== "" && !WITHOUT_FULL_URLS.has(type) && !isAboutSearch(entry))
      report(
        "full-url-missing",
        `Each entry of a Bundle of type ${shown(type, 40)} has a fullUrl, the identity of its resource: add it (urn:uuid:… if it has none on a server).`,
      );
    return;
  }
  if (url !== "" && !isAbsoluteUrl(url))
    report("full-url-relative", `A fullUrl is absolute: ${shown(url)} has no scheme (https:, urn:uuid:, urn:oid:).`);
  const tail = restfulTail(url);
  if (!resource || !tail || !definitions.isResourceType(tail.type)) return;
  const name = `${resource.string("resourceType") ?? ""}/${resource.string("id") ?? ""}`;
  if (!resource.has("id"))
    report("full-url-id", `The fullUrl ${shown(url)} looks like an address on a server, but the resource has no id: add ${tail.id}.`);
  else if (`${tail.type}/${tail.id}` !== name)
    report("full-url-id", `The fullUrl ${shown(url)} does not end with ${shown(name)}, the type and id of its resource: mend one of the two.`);
}

/** What a search says of itself is identified by nothing (Bundle.entry.fullUrl: "Results from operations might involve resources that are not identified"). */
function isAboutSearch(entry: JsonObject): boolean {
  return entry.object("search")?.string("mode") === "outcome";
}

/** An entry of a search's result (R4 bundle.html, searchset; http.html, search): a resource with its id, or an OperationOutcome about the search. */
function checkResult(entry: JsonObject, at: string, findings: Findings): void {
  const resource = entry.object("resource");
  if (!resource || !isAboutSearch(entry) || resource.string("resourceType") === "OperationOutcome") return;
  const text = "An entry with search.mode outcome is an OperationOutcome: mend its mode, or its resource.";
  findings.add({ rule: "search-outcome-type", text, expression: `${at}.resource`, offset: resource.offset });
}

/** What a message is about is in it (R4 messaging.html; MessageHeader.focus). */
function checkFocus(bundle: JsonObject, at: string, findings: Findings): void {
  const entries = bundleEntries(bundle);
  const [header] = entries;
  if (header?.type !== "MessageHeader" || header.index !== 0) return;
  const index = new EntryIndex(entries);
  header.resource.objects("focus").forEach((focus, number) => {
    const text = focus.string("reference");
    if (text === undefined || text.startsWith("#") || index.lookUp(text, header).kind === "found") return;
    const what = `${shown(text)} is not in the message, which must hold what it is about: add it.`;
    findings.add({ rule: "message-focus-missing", text: what, expression: `${at}.entry[0].resource.focus[${number}]`, offset: focus.offset });
  });
}

function checkLinks(bundle: JsonObject, type: string, at: string, findings: Findings): void {
  const isPaged = PAGED.has(type);
  const seen = new Set<string>();
  bundle.objects("link").forEach((link, index) => {
    const relation = link.string("relation");
    if (relation === undefined || !SINGLE_LINKS.has(relation)) return;
    if (seen.has(relation))
      findings.add({
        rule: "link-repeated",
        text: `A Bundle has one link ${relation}: remove this one.`,
        expression: `${at}.link[${index}]`,
        offset: link.offset,
      });
    else if (!isPaged && PAGE_LINKS.has(relation)) {
      const text = `A link ${relation} leads from page to page of a search or history, and this Bundle is neither: remove it.`;
      findings.add({ rule: "link-paging", text, expression: `${at}.link[${index}].relation`, offset: link.offsetOf("relation") });
    }
    seen.add(relation);
  });
}

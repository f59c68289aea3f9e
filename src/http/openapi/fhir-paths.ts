/** The routes of FHIR beside operations, as the registry has them. */
import type { FhirRegistry } from "../../interactions/registry.ts";
import { content, forms, nothing, parameter, query, resource, schema, type DescribedRoute, type Piece } from "./described.ts";

const NDJSON = "application/fhir+ndjson";
const TYPE = { type: schema("SearchedType") };
const SHOWN = [parameter("_format"), parameter("_pretty")];
const SEARCHED = [...SHOWN, parameter("_count"), parameter("criteria"), parameter("Prefer")];
const FOUND = { 200: resource("What was found, a page of it", "Bundle") };
const TOLD = { 200: resource("The history, newest first, a page of it", "Bundle") };
/** A history counts from 1. */
const COUNTED = query("_count", "Versions on a page, at most", { type: "string", pattern: "^([1-9][0-9]{0,5})?$" });
const READ = { 200: resource("The resource"), 304: nothing("The client has it already") };
const READING = [...SHOWN, parameter("If-None-Match")];
const WRITTEN = { 201: created("Entered"), 200: created("A later version is entered, or it was here already") };
const WRITING_REFUSED = [404, 409, 410, 412, 422];
const BODY = { required: true, content: forms() };
const SEARCH_FORM = { content: { "application/x-www-form-urlencoded": { schema: schema("Criteria") } } };

/** What is registered, each with its route. */
export function describeFhir(registry: FhirRegistry, { hasAudit }: { readonly hasAudit: boolean }): DescribedRoute[] {
  return [...system(), ...types(), ...registered(registry), ...kept(registry), ...jobs(), ...fed(registry), ...(hasAudit ? audit() : [])].map(
    (route) => ({
      area: "fhir",
      ...route,
    }),
  );
}

type Row = Omit<DescribedRoute, "area">;

function system(): Row[] {
  const at = "/fhir";
  return [
    row("POST", at, "batchOrTransaction", "A batch or a transaction, a message of none; with a List or DocumentReference IHE's ITI-65", {
      parameters: [...SHOWN, parameter("Prefer")],
      body: { required: true, content: forms("Bundle") },
      answers: { 200: resource("One answer for each entry, in their order", "Bundle") },
      refusals: WRITING_REFUSED,
    }),
    row("GET", at, "searchSystem", "Searches all types", { parameters: SEARCHED, answers: FOUND }),
    row("POST", `${at}/_search`, "searchSystemByForm", "Searches all types, by a form", { parameters: SEARCHED, body: SEARCH_FORM, answers: FOUND }),
    row("GET", `${at}/_history`, "historyOfSystem", "What came and what was erased", history()),
    ...["OperationDefinition", "SearchParameter", "StructureDefinition", "CodeSystem", "SubscriptionTopic"].map((type) =>
      row("GET", `${at}/${type}/:id`, `read${type}`, `A ${type} of the service's own, or one that stands in a document`, {
        parameters: READING,
        answers: READ,
        refusals: [410],
      }),
    ),
  ];
}

function types(): Row[] {
  const at = "/fhir/:type";
  const instance = { pieces: TYPE, parameters: READING, answers: READ, refusals: [404, 410] };
  const search = { pieces: TYPE, parameters: SEARCHED, answers: FOUND, refusals: [404, 410] };
  const member = { type: "string", description: "A type of resource, or * for all" };
  const compartment = { ...search, pieces: { ...TYPE, member } };
  return [
    row("GET", at, "search", "Searches a type", search),
    row("POST", `${at}/_search`, "searchByForm", "Searches a type, by a form", { ...search, body: SEARCH_FORM }),
    row("GET", `${at}/_history`, "historyOfType", "What came and what was erased, of a type", { ...history(), pieces: TYPE }),
    row("GET", `${at}/:id`, "read", "A resource that stands in a document", instance),
    row("GET", `${at}/:id/_history/:versionId`, "readVersion", "One version of it", instance),
    row("GET", `${at}/:id/_history`, "historyOfInstance", "The versions that it had", { ...history(), pieces: TYPE, refusals: [404, 410] }),
    row("GET", `${at}/:id/:member`, "searchCompartment", "Searches a compartment", compartment),
    row("POST", `${at}/:id/:member/_search`, "searchCompartmentByForm", "Searches a compartment, by a form", { ...compartment, body: SEARCH_FORM }),
  ];
}

/** Those of the registry: documents and their bytes. */
function registered({ interactions }: FhirRegistry): Row[] {
  return interactions.map(({ code, type, documentation }): Row => {
    const summary = documentation.split(/(?<=[.:]) /)[0] ?? documentation;
    if (code === "create") {
      const messages = type === "Bundle" ? { "application/pkcs7-mime": { schema: {} } } : {};
      return row("POST", `/fhir/${type}`, `create${type}`, summary, {
        parameters: [...SHOWN, parameter("Prefer"), parameter("If-None-Exist")],
        body: { required: true, content: { ...forms(type === "Bundle" ? "Bundle" : "Resource"), ...messages } },
        answers: WRITTEN,
        refusals: WRITING_REFUSED,
      });
    }
    const at = code === "read" ? `/fhir/${type}/:id` : `/fhir/${type}/:id/_history/:versionId`;
    const others: Piece = type === "Bundle" ? { "text/html": { schema: {} }, "application/pdf": { schema: {} } } : { "*/*": { schema: {} } };
    return row("GET", at, `${code === "read" ? "read" : "readVersionOf"}${type}`, summary, {
      parameters: [query("_format", "The form of the answer; overrides Accept"), parameter("_pretty"), parameter("If-None-Match")],
      answers: { ...READ, 200: resource("The resource, or what it holds", "Resource", others) },
      refusals: [404, 410],
    });
  });
}

function kept({ kept }: FhirRegistry): Row[] {
  return kept.flatMap(({ type, remove }) => {
    const at = `/fhir/${type}`;
    const writing = { parameters: [...SHOWN, parameter("Prefer")], body: BODY, answers: WRITTEN, refusals: WRITING_REFUSED };
    const reading = { parameters: READING, answers: READ, refusals: [404, 410] };
    return [
      row("POST", at, `create${type}`, `Enters a ${type}`, writing),
      row("PUT", `${at}/:id`, `update${type}`, `A later version of a ${type}`, {
        ...writing,
        parameters: [...writing.parameters, parameter("If-Match")],
      }),
      row("GET", `${at}/:id`, `read${type}`, `A ${type}, or one that stands in a document`, reading),
      row("GET", `${at}/:id/_history/:version`, `readVersionOf${type}`, `One version of a ${type}`, reading),
      row("GET", `${at}/:id/_history`, `historyOf${type}`, `The versions of a ${type}`, { ...history(), refusals: [404, 410] }),
      ...(remove
        ? [
            row("DELETE", `${at}/:id`, `delete${type}`, `Ends a ${type}; its history is kept`, {
              parameters: [...SHOWN, parameter("If-Match")],
              answers: { 204: nothing("It is ended") },
              // What stands in a document is not ended.
              refusals: [...WRITING_REFUSED, 405],
            }),
          ]
        : []),
    ];
  });
}

/** What goes on after its request was answered (R4 async.html), and the files of exports. */
function jobs(): Row[] {
  const at = "/fhir/jobs/:job";
  const gone = { refusals: [404, 405, 409, 410, 412, 422] };
  return [
    row("GET", at, "readJob", "How a job stands, or what came of it", {
      answers: { 200: resource("What came of it", "Resource", { "*/*": { schema: {} } }), 202: nothing("It goes on: X-Progress tells how far") },
      ...gone,
    }),
    row("DELETE", at, "endJob", "Ends a job, and removes what it made", { answers: { 202: resource("It is ended") }, ...gone }),
    row("GET", `${at}/:file`, "readJobFile", "A file that an export made", {
      answers: { 200: content("The lines", NDJSON, "*/*"), 206: content("A range of it", NDJSON, "*/*") },
      refusals: [404, 405, 410, 416],
    }),
  ];
}

function fed({ update }: FhirRegistry): Row[] {
  if (!update) return [];
  return [
    row("PUT", "/fhir/Patient", "feedPatient", "Who a person is, as an identity feed says (IHE ITI-104)", {
      parameters: [query("identifier", "Which person: system|value"), parameter("_format"), parameter("_pretty"), parameter("Prefer")],
      body: BODY,
      answers: WRITTEN,
      refusals: WRITING_REFUSED,
    }),
  ];
}

function audit(): Row[] {
  const search = { parameters: SEARCHED, answers: FOUND };
  return [
    row("GET", "/fhir/AuditEvent", "searchAuditEvents", "Searches the audit trail (IHE ITI-81)", search),
    row("POST", "/fhir/AuditEvent/_search", "searchAuditEventsByForm", "Searches the audit trail, by a form", { ...search, body: SEARCH_FORM }),
    row("GET", "/fhir/AuditEvent/:id", "readAuditEvent", "One event of the audit trail", { parameters: SHOWN, answers: READ, refusals: [404, 410] }),
  ];
}

function history(): Pick<Row, "parameters" | "answers" | "refusals"> {
  return {
    parameters: [...SHOWN, COUNTED, parameter("_since"), parameter("Prefer")],
    answers: TOLD,
    refusals: [404],
  };
}

function created(description: string): Piece {
  const headers = { Location: { $ref: "#/components/headers/Location" }, ETag: { $ref: "#/components/headers/ETag" } };
  return { ...resource(`${description}; with a body as Prefer says`), headers };
}

function row(method: Row["method"], pattern: string, id: string, summary: string, more: Omit<Row, "method" | "pattern" | "id" | "summary">): Row {
  return { method, pattern, id, summary, ...more };
}

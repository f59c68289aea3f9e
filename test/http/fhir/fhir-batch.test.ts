/** Conditional creates, batches and transactions over HTTP (R4 http.html). */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { AppError } from "../../../src/core/errors.ts";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";

interface Entry {
  readonly fullUrl?: string;
  readonly resource?: { readonly resourceType: string; readonly id?: string; readonly total?: number; readonly [name: string]: unknown };
  readonly response: { readonly status: string; readonly location?: string; readonly etag?: string; readonly outcome?: unknown };
}

interface Answer {
  readonly resourceType: string;
  readonly type: string;
  readonly entry: readonly Entry[];
}

const BASE = "https://documents.example.org/fhir";
const JSON_TYPE = { "Content-Type": "application/fhir+json" };
let house: House;

const get = (path: string): Promise<RawAnswer> => ask(house.port, { path: `/fhir${path}` });
const post = (path: string, body: string, headers: Record<string, string> = {}): Promise<RawAnswer> =>
  ask(house.port, { method: "POST", path: `/fhir${path}`, headers: { ...JSON_TYPE, ...headers }, body });
const idIn = (location = ""): string => location.split("/").at(-3) ?? "";
const deposit = async (body: string): Promise<string> => idIn((await post("/Bundle", body)).headers.location);
const urn = (): string => `urn:uuid:${randomUUID()}`;
const sizeOfLog = async (): Promise<number> => (await house.store.checkpoint())?.size ?? 0;
const identifier = (value: string): string => `identifier=urn:ietf:rfc:3986|${value}`;

/** Entries as text, so that documents stay the bytes that they are. */
const posted = (document: string, request: object = {}, fullUrl?: string): string =>
  `{${fullUrl === undefined ? "" : `"fullUrl":"${fullUrl}",`}"resource":${document},"request":${JSON.stringify({ method: "POST", url: "Bundle", ...request })}}`;
const asked = (url: string, request: object = {}): string => `{"request":${JSON.stringify({ method: "GET", url, ...request })}}`;
const batchOf = (type: string, entries: readonly string[]): string => `{"resourceType":"Bundle","type":"${type}","entry":[${entries.join(",")}]}`;

async function run(type: "batch" | "transaction", entries: readonly string[], headers?: Record<string, string>): Promise<Answer> {
  const answer = await post("", batchOf(type, entries), headers);
  expect([answer.status, String(answer.body).slice(0, 600)]).toEqual([200, expect.anything()]);
  return JSON.parse(String(answer.body)) as Answer;
}

async function refused(type: string, entries: readonly string[]): Promise<{ readonly status: number; readonly text: string }> {
  const before = await sizeOfLog();
  const { status, body } = await post("", batchOf(type, entries));
  expect(await sizeOfLog()).toBe(before);
  expect((JSON.parse(String(body)) as Answer).resourceType).toBe("OperationOutcome");
  return { status, text: String(body) };
}

const statuses = ({ entry }: Answer): string[] => entry.map(({ response }) => response.status.slice(0, 3));

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

describe("a conditional create", () => {
  test("stores what is not there, and nothing of what is", async () => {
    const value = urn();
    const first = await post("/Bundle", documentJson({ identifier: value }), { "If-None-Exist": identifier(value) });
    expect(first.status).toBe(201);
    const before = await sizeOfLog();
    const again = await post("/Bundle", documentJson({ words: "Another one." }), {
      "If-None-Exist": identifier(value),
      Prefer: "return=OperationOutcome",
    });
    expect([again.status, again.headers.location, await sizeOfLog()]).toEqual([200, first.headers.location, before]);
    expect(String(again.body)).toContain("exists-already");
    // HAPI's client sends the whole address, others its end.
    for (const form of ["?", "Bundle?", "/Bundle?", `${BASE}/Bundle?`])
      expect([form, (await post("/Bundle", documentJson(), { "If-None-Exist": form + identifier(encodeURIComponent(value)) })).status]).toEqual([
        form,
        200,
      ]);
  });

  test("fails when several are there", async () => {
    const before = await sizeOfLog();
    await deposit(documentJson());
    const answer = await post("/Bundle", documentJson(), { "If-None-Exist": "type=document&composition.title=Discharge" });
    expect([answer.status, await sizeOfLog()]).toEqual([412, before + 1]);
  });

  test("makes one of many that come at once", async () => {
    const [before, title] = [await sizeOfLog(), `Letter ${randomUUID()}`];
    const condition = { "If-None-Exist": `composition.title:exact=${title}` };
    const answers = await Promise.all(Array.from({ length: 8 }, () => post("/Bundle", documentJson({ title }), condition)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
    expect(new Set(answers.map(({ headers }) => headers.location)).size).toBe(1);
    expect(await sizeOfLog()).toBe(before + 1);
  });

  test("holds also against deposits that have no condition", async () => {
    const title = `Letter ${randomUUID()}`;
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, at) =>
        post("/Bundle", documentJson({ title }), at % 3 === 0 ? { "If-None-Exist": `composition.title:exact=${title}` } : {}),
      ),
    );
    // The eight without a condition are stored; of the others one at most, and that one before all of them.
    const numbers = (await house.store.entries(0, 10_000)).map(({ id }) => id);
    const places = answers.map(({ headers }) => numbers.indexOf(idIn(headers.location)));
    const stored = answers.flatMap(({ status }, at) => (at % 3 === 0 && status === 201 ? [places[at] ?? -1] : []));
    expect(stored.length).toBeLessThanOrEqual(1);
    for (const place of stored) for (const [at, other] of places.entries()) if (at % 3 !== 0) expect(other).toBeGreaterThan(place);
    for (const { status } of answers) expect([200, 201, 412]).toContain(status);
  });
});

describe("a batch", () => {
  test("calls operations with what an entry brings, searches by POST, and reads the statement", async () => {
    const id = await deposit(documentJson());
    const parameters = (...all: readonly object[]): string => JSON.stringify({ resourceType: "Parameters", parameter: all });
    const answer = await run("batch", [
      posted('{"resourceType":"Patient","gender":"none"}', { url: "Patient/$validate" }),
      posted(documentJson(), { url: "Bundle/$validate" }),
      posted(parameters({ name: "_count", valueInteger: 2 }), { url: `Patient/${id}.1/$everything` }),
      asked(`Patient/${id}.1/$everything?_count=3`, { method: "POST" }),
      asked(`Composition/_search?_id=${id}.0`, { method: "POST" }),
      asked(`Patient/${id}.1/Observation/_search?status=final`, { method: "POST" }),
      asked("_search?_type=List", { method: "POST" }),
      asked("metadata"),
      asked("metadata?mode=terminology"),
      asked("OperationDefinition/Patient-everything"),
      asked("Patient/$everything", { method: "POST" }),
      asked(`Bundle/${id}/_search`, { method: "POST" }),
      posted('{"resourceType":"Patient"}', { url: `Patient/${id}.1/$everything` }),
    ]);
    expect(statuses(answer)).toEqual(["200", "200", "200", "200", "200", "200", "200", "200", "200", "200", "404", "405", "400"]);
    const [invalid, valid, everything, more, searched, member, lists, statement, terminology, definition] = answer.entry.map(
      ({ resource }) => resource,
    );
    expect(JSON.stringify(invalid)).toContain("gender");
    expect(JSON.stringify(valid)).toContain("would be accepted");
    const sizeOf = (bundle: Entry["resource"]): number =>
      (bundle?.["entry"] as readonly { readonly search: { readonly mode: string } }[]).filter(({ search }) => search.mode === "match").length;
    expect([sizeOf(everything), sizeOf(more), searched?.total, member?.total, lists?.resourceType]).toEqual([2, 3, 1, 1, "Bundle"]);
    expect([statement?.resourceType, terminology?.resourceType, definition?.["code"]]).toEqual([
      "CapabilityStatement",
      "TerminologyCapabilities",
      "everything",
    ]);
    const all = await run("transaction", [
      posted(documentJson()),
      posted('{"resourceType":"Patient"}', { url: "Patient/$validate" }),
      asked("metadata"),
    ]);
    expect(statuses(all)).toEqual(["201", "200", "200"]);
  });

  test("in XML keeps a document as the very text of its element, where that says its namespace", async () => {
    const xml = String(
      (await ask(house.port, { path: `/fhir/Bundle/${await deposit(documentJson())}`, headers: { Accept: "application/fhir+xml" } })).body,
    );
    const plain = xml
      .replace(/^<\?xml[^>]*\?>\s*/, "")
      .replace(/<identifier>.*?<\/identifier>/s, `<identifier><system value="urn:ietf:rfc:3986"/><value value="${urn()}"/></identifier>`)
      .replace(/<signature>.*?<\/signature>/s, "");
    const own = plain.replace("<timestamp", "<!-- kept: </Bundle> --><timestamp").replace("Potassium", "Kalium &gt; <![CDATA[x > y]]>");
    const entry = (resource: string): string =>
      `<entry><resource>${resource}</resource><request><method value="POST"/><url value="Bundle"/></request></entry>`;
    const batch = (type: string, ...entries: readonly string[]): string =>
      `<?xml version="1.0" encoding="UTF-8"?>\n<Bundle xmlns="http://hl7.org/fhir"><type value="${type}"/>${entries.join("\n")}</Bundle>`;
    const headers = { "Content-Type": "application/fhir+xml", Accept: "application/fhir+json" };
    for (const type of ["batch", "transaction"]) {
      const sent = own.replace(/urn:uuid:[0-9a-f-]{36}(?="\/><\/identifier>)/, urn());
      const answer = await ask(house.port, { method: "POST", path: "/fhir", headers, body: batch(type, entry(sent)) });
      expect([type, answer.status, String(answer.body).slice(0, 500)]).toEqual([type, 200, expect.stringContaining("201 Created")]);
      const {
        entry: [created],
      } = JSON.parse(String(answer.body)) as Answer;
      const stored = await get(`/Binary/${idIn(created?.response.location)}`);
      expect([stored.headers["content-type"], String(stored.body)]).toEqual(["application/fhir+xml", sent]);
    }
    // What is declared around the document and used in it is written on it.
    const strange = own
      .replace(/<div xmlns="http:\/\/www.w3.org\/1999\/xhtml">/g, "<h:div>")
      .replaceAll("</div>", "</h:div>")
      .replaceAll("<p>", "<h:p>")
      .replaceAll("</p>", "</h:p>");
    const around = ' xmlns="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml"';
    const sent = strange.replace(' xmlns="http://hl7.org/fhir"', "").replace(/urn:uuid:[0-9a-f-]{36}(?="\/><\/identifier>)/, urn());
    const outer = batch("batch", entry(sent)).replace('<Bundle xmlns="http://hl7.org/fhir">', `<Bundle${around}>`);
    const answer = await ask(house.port, { method: "POST", path: "/fhir", headers, body: outer });
    expect([answer.status, String(answer.body).slice(0, 500)]).toEqual([200, expect.stringContaining("201 Created")]);
    const {
      entry: [created],
    } = JSON.parse(String(answer.body)) as Answer;
    expect(String((await get(`/Binary/${idIn(created?.response.location)}`)).body)).toBe(sent.replace("<Bundle", `<Bundle${around}`));
  });

  test("does each entry by itself, and keeps documents as they were sent", async () => {
    const id = await deposit(documentJson());
    const document = documentJson({ words: "From a batch, with 1.50 and \\u00e9." });
    const answer = await run("batch", [
      posted(document),
      asked(`Bundle/${id}`),
      asked(`${BASE}/Composition/${id}.0`),
      asked(`Composition/${id}.77`),
      asked("Composition?status=final&_count=1"),
      asked("Composition?colour=red"),
      asked(`Bundle/${id}/_history`),
      asked("Bundle/_history?_count=1"),
      asked(`Bundle/${id}/_history/1`, { ifNoneMatch: 'W/"1"' }),
      asked(`Bundle/${id}`, { method: "HEAD" }),
      asked(`Bundle/${id}/$validate`),
      posted('{"resourceType":"Bundle","type":"document"}'),
      posted('{"resourceType":"Patient"}', { url: "Patient" }),
      asked(`Bundle/${id}`, { method: "DELETE" }),
      '{"fullUrl":"urn:uuid:1"}',
    ]);
    expect([answer.type, answer.entry.length]).toEqual(["batch-response", 15]);
    expect(statuses(answer)).toEqual(["201", "200", "200", "404", "200", "400", "200", "200", "304", "200", "200", "422", "405", "405", "400"]);
    const [created, read, , missing, searched, , , , , head] = answer.entry;
    const stored = await get(`/Binary/${idIn(created?.response.location)}`);
    expect(String(stored.body)).toBe(document);
    expect([read?.fullUrl, read?.resource?.id, read?.response.etag]).toEqual([`${BASE}/Bundle/${id}`, id, 'W/"1"']);
    expect([missing?.resource, missing?.response.outcome]).toEqual([undefined, expect.objectContaining({ resourceType: "OperationOutcome" })]);
    expect(searched?.resource).toMatchObject({ resourceType: "Bundle", type: "searchset" });
    expect(head?.resource).toBeUndefined();
  });

  test("gives what a client prefers", async () => {
    const inFull = await run("batch", [posted(documentJson())], { Prefer: "return=representation" });
    expect(inFull.entry[0]?.resource?.resourceType).toBe("Bundle");
    const told = await run("batch", [posted(documentJson())], { Prefer: "return=OperationOutcome" });
    expect(told.entry[0]?.response.outcome).toMatchObject({ resourceType: "OperationOutcome" });
  });

  test("is read and answered in XML, each entry by itself", async () => {
    const body = `<Bundle xmlns="http://hl7.org/fhir"><type value="batch"/><entry><resource><Bundle><type value="document"/></Bundle></resource><request><method value="POST"/><url value="Bundle"/></request></entry><entry><request><method value="GET"/><url value="Composition?_count=1"/></request></entry></Bundle>`;
    const headers = { "Content-Type": "application/fhir+xml", Accept: "application/fhir+xml" };
    const answer = await ask(house.port, { method: "POST", path: "/fhir", headers, body });
    expect([answer.status, String(answer.body)]).toEqual([200, expect.stringContaining('<type value="batch-response"/>')]);
    expect(String(answer.body)).toMatch(
      /<response><status value="422 Unprocessable Entity"\/><outcome><OperationOutcome.*<response><status value="200 OK"\/><\/response><\/entry><\/Bundle>$/s,
    );
  });

  test.each([
    ["a document", () => documentJson(), 400, "POST https://documents.example.org/fhir/Bundle"],
    ["a searchset", () => batchOf("searchset", []), 400, "searchset"],
    ["another resource", () => '{"resourceType":"Patient"}', 400, "Patient"],
    ["nothing that can be read", () => '{"resourceType":', 400, "json-syntax"],
    ["a batch whose text is doubtful", () => '{"resourceType":"Bundle","type":"batch","type":"transaction"}', 400, "json-duplicate-name"],
    [
      "more entries than are done",
      () =>
        batchOf(
          "batch",
          Array.from({ length: 1_001 }, () => asked("Patient")),
        ),
      413,
      "1000",
    ],
  ])("is not %s", async (_, body, status, words) => {
    const before = await sizeOfLog();
    const answer = await post("", body());
    expect([answer.status, String(answer.body), await sizeOfLog()]).toEqual([status, expect.stringContaining(words), before]);
  });

  test.each([
    ["entries that are no list", () => `"entry":${posted(documentJson())}`, "Bundle.entry is a list"],
    ["an entry that is null", () => `"entry":[${posted(documentJson())},null]`, "Bundle.entry[1] is an object"],
    [
      "a condition that is no text",
      () => `"entry":[${posted(documentJson(), { ifNoneExist: [identifier(urn())] })}]`,
      "Bundle.entry[0].request.ifNoneExist is a text",
    ],
    ["a condition that is null", () => `"entry":[${posted(documentJson(), { ifNoneExist: null })}]`, "Bundle.entry[0].request.ifNoneExist is a text"],
    ["a method that is no text", () => `"entry":[${posted(documentJson(), { method: 1 })}]`, "Bundle.entry[0].request.method is a text"],
    ["a request that is a list", () => `"entry":[{"resource":${documentJson()},"request":[]}]`, "Bundle.entry[0].request is an object"],
    [
      "a resource that is a list",
      () => `"entry":[{"resource":[${documentJson()}],"request":{"method":"POST","url":"Bundle"}}]`,
      "Bundle.entry[0].resource is an object",
    ],
  ])("with %s is refused: nothing of it is passed over", async (_, entries, words) => {
    for (const type of ["batch", "transaction"]) {
      const before = await sizeOfLog();
      const answer = await post("", `{"resourceType":"Bundle","type":"${type}",${entries()}}`);
      expect([type, answer.status, String(answer.body), await sizeOfLog()]).toEqual([type, 400, expect.stringContaining(words), before]);
    }
  });

  test("is no document", async () => {
    const answer = await post("/Bundle", batchOf("batch", [asked("Patient")]));
    expect([answer.status, String(answer.body)]).toEqual([422, expect.stringContaining("batch")]);
  });

  test("may be empty", async () => {
    const answer = await post("", '{"resourceType":"Bundle","type":"batch"}');
    expect([answer.status, JSON.parse(String(answer.body))]).toMatchObject([200, { type: "batch-response" }]);
  });
});

describe("a transaction", () => {
  test("deposits documents together, and searches find them", async () => {
    const title = `Letter ${randomUUID()}`;
    const [before, earlier] = [await sizeOfLog(), documentJson()];
    await deposit(earlier);
    const answer = await run("transaction", [
      asked(`Bundle?composition.title:exact=${title}`),
      posted(documentJson({ title }), {}, urn()),
      posted(documentJson({ title }), {}, urn()),
      posted(earlier),
    ]);
    expect(answer.type).toBe("transaction-response");
    expect(statuses(answer)).toEqual(["200", "201", "201", "200"]);
    expect(answer.entry[0]?.resource?.total).toBe(2);
    const [, one, other] = answer.entry.map(({ response }) => idIn(response.location));
    const entries = await house.store.entries(before + 1, 10);
    expect(entries.map(({ id }) => id)).toEqual([one, other]);
    // One commit made both.
    expect(new Set(entries.map(({ treeSize }) => treeSize)).size).toBe(1);
  });

  test("does nothing when an entry cannot be done", async () => {
    const twice = urn();
    const taken = urn();
    await deposit(documentJson({ identifier: taken }));
    const fault = async (entries: readonly string[]): Promise<[number, string | undefined]> => {
      const { status, text } = await refused("transaction", entries);
      return [status, /"expression":\["Bundle\.(entry\[\d+\])"/.exec(text)?.[1]];
    };
    const good = posted(documentJson());
    expect(await fault([good, posted('{"resourceType":"Bundle","type":"document"}')])).toEqual([422, "entry[1]"]);
    expect(await fault([good, posted(documentJson({ identifier: taken, words: "Other words." }))])).toEqual([409, "entry[1]"]);
    expect(await fault([good, asked(`Bundle/${randomUUID()}`)])).toEqual([404, "entry[1]"]);
    expect(await fault([good, asked("Patient?colour=red")])).toEqual([400, "entry[1]"]);
    expect(await fault([good, asked("Bundle/1", { method: "PUT" })])).toEqual([405, "entry[1]"]);
    expect(await fault([posted(documentJson({ identifier: twice })), posted(documentJson({ identifier: twice, words: "Other." }))])).toEqual([
      400,
      "entry[1]",
    ]);
    expect(await fault([good, posted(documentJson(), { ifNoneExist: "composition.title=Discharge" })])).toEqual([412, "entry[1]"]);
    expect(await fault([good, posted(documentJson(), { ifNoneExist: "nonsense=1" })])).toEqual([400, "entry[1]"]);
    expect(await fault(Array.from({ length: 65 }, () => posted(documentJson())))).toEqual([413, "entry[64]"]);
  });

  test("that was committed tells of it, even if what it searches cannot be told any more", async () => {
    const title = `Letter ${randomUUID()}`;
    const before = await sizeOfLog();
    let calls = 0;
    const { resources } = house.served.registry.fhir;
    const search = resources.search.bind(resources);
    // The search before the commit succeeds, the one after it does not.
    Object.assign(resources, {
      search: (...given: Parameters<typeof search>) => (calls++ > 0 ? Promise.reject(new AppError("too-costly", "no")) : search(...given)),
    });
    const answer = await run("transaction", [asked("Bundle?type=document"), posted(documentJson({ title }))]);
    Object.assign(resources, { search });
    expect([statuses(answer), await sizeOfLog()]).toEqual([["422", "201"], before + 1]);
  });

  test("cannot write anew what a document refers to", async () => {
    const [one, other] = [urn(), urn()];
    const referring = documentJson().replace('"section"', `"relatesTo":[{"code":"replaces","targetReference":{"reference":"${one}"}}],"section"`);
    const { status, text } = await refused("transaction", [posted(documentJson(), {}, one), posted(referring, {}, other)]);
    expect([status, text]).toEqual([400, expect.stringContaining("targetIdentifier")]);
    expect((await refused("transaction", [posted(documentJson(), {}, one), posted(documentJson(), {}, one)])).status).toBe(400);
    // What a document says of itself is its own matter.
    const own = /urn:uuid:[0-9a-f-]{36}/.exec(documentJson().split('"fullUrl"')[1] ?? "")?.[0];
    expect(statuses(await run("transaction", [posted(documentJson(), {}, own), posted(documentJson(), {}, urn())]))).toEqual(["201", "201"]);
  });

  test("finds by its condition what others deposit at the same time", async () => {
    const title = `Letter ${randomUUID()}`;
    const condition = { ifNoneExist: `composition.title:exact=${title}` };
    const before = await sizeOfLog();
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => run("transaction", [posted(documentJson({ title }), condition), posted(documentJson())])),
    );
    expect(answers.map((answer) => statuses(answer)[0]).sort()).toEqual(["200", "200", "200", "200", "200", "201"]);
    expect(await sizeOfLog()).toBe(before + 7);
  });

  test("sent twice at once is done once", async () => {
    const before = await sizeOfLog();
    const entries = [posted(documentJson()), posted(documentJson())];
    const answers = await Promise.all([run("transaction", entries), run("transaction", entries), run("transaction", entries)]);
    expect(answers.map((answer) => statuses(answer).join(" ")).sort()).toEqual(["200 200", "200 200", "201 201"]);
    expect(await sizeOfLog()).toBe(before + 2);
  });
});

/** Messages (R4 messaging.html): documents that arrive by `$process-message`, once whatever happens on the way. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { BlockList } from "node:net";
import { parseSubmissionLeaf } from "../../../src/core/formats/submission.ts";
import { readJson } from "../../../src/core/fhir/json/read-json.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { SourceText } from "../../../src/core/fhir/reading/source-text.ts";
import { writeXml } from "../../../src/core/fhir/xml/write-xml.ts";
import { outgoingTold } from "../../../src/events/outbox.ts";
import { fetchOriginal } from "../../../src/pipeline/fetch.ts";
import { openSubmission, openSubmissionRecord, submissionsOf } from "../../../src/pipeline/submissions.ts";
import { documentJson } from "../../journeys/documents.ts";
import { R4, VALIDATOR } from "../../r4.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";
import type { Issue } from "../../../src/core/fhir/issue.ts";
import { writeJson } from "../../../src/core/fhir/json/write-json.ts";
import { processMessage } from "../../../src/interactions/fhir/messages/process-message.ts";
import type { Work } from "../../../src/pipeline/work/work.ts";
import { OPEN_ACCESS } from "../../../src/security/access.ts";
import { ALLOW_NOTHING } from "../../../src/security/issuers/reach.ts";
import { openFaultyReceiver, type FaultyReceiver } from "../../adapters/callbacks/faulty-receiver.ts";
import { BASE, EVENTS, message } from "./message.ts";

interface Answer {
  readonly id: string;
  readonly entry: readonly [
    {
      readonly resource: {
        readonly id: string;
        readonly destination: readonly { readonly endpoint: string }[];
        readonly response: { readonly identifier: string; readonly code: string; readonly details: { readonly reference: string } };
        readonly focus?: readonly { readonly reference: string }[];
      };
    },
    {
      readonly fullUrl: string;
      readonly resource: {
        readonly issue: readonly { readonly severity: string; readonly code: string; readonly details: { readonly text: string } }[];
      };
    },
    ...{ readonly fullUrl: string; readonly resource: { readonly resourceType: string; readonly id: string } }[],
  ];
}

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

/** What a deposit by message needs nobody for. */
const refuse = (): never => {
  throw new Error("not asked for");
};
const NOT_ASKED = { access: OPEN_ACCESS, reader: { mayName: refuse }, resources: { search: refuse }, outbox: { post: refuse, hasRoom: refuse } };

const post = (body: string, type = "application/fhir+json", path = "/fhir/$process-message"): Promise<RawAnswer> =>
  ask(house.port, { method: "POST", path, headers: { "Content-Type": type }, body });
const sizeOfLog = async (): Promise<number> => (await house.store.checkpoint())?.size ?? 0;

async function sent(body: string): Promise<Answer> {
  const { status, body: text } = await post(body);
  expect([status, String(text).slice(0, 1_500)]).toEqual([200, expect.anything()]);
  return JSON.parse(String(text)) as Answer;
}

const codeOf = ({ entry: [{ resource }] }: Answer): string => resource.response.code;
const textsOf = ({ entry: [, { resource }] }: Answer): string => resource.issue.map(({ details }) => details.text).join("\n");
const documentOf = ({ entry: [, , result] }: Answer): string => /Bundle\/([0-9a-f-]{36})/.exec(JSON.stringify(result))?.[1] ?? "";

/** Nothing was entered, and why. */
async function refused(body: string): Promise<string> {
  const before = await sizeOfLog();
  const answer = await sent(body);
  expect([codeOf(answer), await sizeOfLog()]).toEqual(["fatal-error", before]);
  return textsOf(answer);
}

function xmlOf(json: string): string {
  const { resource } = readJson(new SourceText(json), DEFAULT_READ_LIMITS);
  return resource ? writeXml(resource, R4.definitions) : "";
}

describe("a message that deposits a document", () => {
  test("enters both with one commit, and answers with a message that quotes it", async () => {
    const [id, bundleId, document] = [randomUUID(), randomUUID(), documentJson()];
    const before = await sizeOfLog();
    const answer = await sent(message({ id, bundleId, document }));
    expect(answer).toMatchObject({ resourceType: "Bundle", type: "message" });
    const [{ resource }, outcome] = answer.entry;
    expect(resource.response).toEqual({ identifier: id, code: "ok", details: { reference: outcome.fullUrl } });
    expect(resource.destination).toEqual([{ endpoint: "https://clinic.example.org/messages" }]);
    expect([await sizeOfLog(), (await house.store.entries(before, 2)).map(({ kind }) => kind)]).toEqual([before + 2, ["deposit", "submission"]]);
    const read = await ask(house.port, { path: `/fhir/Binary/${documentOf(answer)}`, headers: { Accept: "application/fhir+json" } });
    expect(String((await fetchOriginal(documentOf(answer), { ...house.depositing, store: house.store })).bytes.length)).toBe(
      String(Buffer.byteLength(document)),
    );
    expect(read.status).toBe(200);
    const [entry] = await house.store.entries(before + 1, 1);
    expect(entry && parseSubmissionLeaf(entry.leaf)).toMatchObject({ isMessage: true, documents: [documentOf(answer)] });
  });

  test.each([
    ["JSON", "application/fhir+json"],
    ["XML", "application/fhir+xml"],
  ] as const)("is kept to the byte: %s", async (_form, type) => {
    const json = message({ document: documentJson() });
    const body = type === "application/fhir+xml" ? xmlOf(json) : json;
    const { status, body: text } = await post(body, type);
    expect([status, String(text)]).toEqual([200, expect.stringContaining("ok")]);
    const id = /Bundle\/([0-9a-f-]{36})/.exec(String(text))?.[1] ?? "";
    const { store, depositing } = house;
    const [own = ""] = await submissionsOf(id, store);
    const entry = await store.entry(own);
    const key = await depositing.documentKeys.read(own);
    if (!entry || !key) throw new Error("no message");
    const record = openSubmissionRecord(entry, await store.evidence(own), key);
    expect(record).toMatchObject({ transaction: "message", mediaType: type });
    const { bytes } = await fetchOriginal(id, { ...depositing, store });
    expect(Buffer.from(openSubmission(entry, { content: await store.content(own), record, key }, () => bytes)).toString()).toBe(body);
    // The document is not kept twice.
    expect(record.pieces).toHaveLength(1);
  });

  test("is answered the same, to the byte, however often and however concurrently it is sent", async () => {
    const body = message({ document: documentJson() });
    const before = await sizeOfLog();
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(body)));
    answers.push(await post(body));
    expect(new Set(answers.map(({ status, body: text }) => `${status} ${String(text)}`)).size).toBe(1);
    expect(await sizeOfLog()).toBe(before + 2);
  });

  test("is answered the same in a new Bundle", async () => {
    const [id, document] = [randomUUID(), documentJson()];
    const first = await sent(message({ id, document }));
    const before = await sizeOfLog();
    expect(await sent(message({ id, document }))).toEqual(first);
    expect(await sizeOfLog()).toBe(before);
  });

  test("is answered the same when it would not be taken any more", async () => {
    const body = message({ document: documentJson() });
    const first = await sent(body);
    const { depositing } = house;
    // In other bytes, else it would not be read.
    const bytes = (): Uint8Array => new TextEncoder().encode(`${body}\n`);
    const read = await depositing.work.do(
      "unpackMessage",
      { bytes: bytes(), mediaType: "application/fhir+json", limits: depositing.limits },
      { bytes: 1 },
    );
    const fault: Issue = { severity: "error", code: "invalid", rule: "a-later-rule", text: "a rule that came later" };
    const work = { ...depositing.work, do: () => Promise.resolve({ ...read, kind: "faulty-message", issues: [fault] }) } as unknown as Work;
    const using = { depositing: { ...depositing, work }, callbackAllow: ALLOW_NOTHING, ...NOT_ASKED };
    const call = { sent: { bytes: bytes(), mediaType: "application/fhir+json" }, query: new Map(), parameters: [], handling: "strict" } as const;
    const asked = { caller: { kind: "unauthenticated" }, channel: "rest", requestId: "a" } as const;
    const answer = await processMessage(using).handle(asked, call);
    expect(answer.kind === "resource" && JSON.parse(writeJson(answer.resource))).toEqual(first);
    // Another one is told its fault.
    const other = { ...read, kind: "faulty-message", issues: [fault], canonical: "another" };
    const refusing = { ...depositing.work, do: () => Promise.resolve(other) } as unknown as Work;
    const refusal = await processMessage({ ...using, depositing: { ...depositing, work: refusing } }).handle(asked, call);
    expect(refusal.kind === "resource" && writeJson(refusal.resource)).toContain("a rule that came later");
  });

  test("is an error with the Bundle.id of another, or the header's id of one that says something else", async () => {
    const [id, bundleId, document] = [randomUUID(), randomUUID(), documentJson()];
    await sent(message({ id, bundleId, document }));
    expect(await refused(message({ bundleId, document }))).toContain("never reused");
    expect(await refused(message({ id, document: documentJson() }))).toContain("says something else");
    const other = randomUUID();
    await sent(message({ bundleId: other, document: documentJson() }));
    expect(await refused(message({ id, bundleId: other, document }))).toContain("never reused");
  });

  test("that is here already is the same one, and the message is known again all the same", async () => {
    const document = documentJson();
    const created = await post(document, "application/fhir+json", "/fhir/Bundle");
    const [, id = ""] = /Bundle\/([0-9a-f-]{36})/.exec(created.headers.location ?? "") ?? [];
    const bundleId = randomUUID();
    const answer = await sent(message({ bundleId, document }));
    expect([codeOf(answer), documentOf(answer)]).toEqual(["ok", id]);
    expect(await refused(message({ bundleId, document }))).toContain("never reused");
  });

  test("tells what its signature is worth", async () => {
    const signed = {
      type: [{ system: "urn:iso-astm:E1762-95:2013", code: "1.2.840.10065.1.12.1.1" }],
      when: "2026-03-01T10:00:00Z",
      who: { display: "Clinic" },
    };
    const signature = JSON.stringify({ ...signed, sigFormat: "application/jose", data: Buffer.from("e30..AAAA").toString("base64") });
    const answer = await sent(message({ document: documentJson() }).replace(/\}$/, `,"signature":${signature}}`));
    expect([codeOf(answer), textsOf(answer)]).toEqual(["ok", expect.stringContaining("The message is signed: ")]);
  });

  test("within Parameters, and in a Binary", async () => {
    const text = message({ document: documentJson() });
    const answer = await sent(`{"resourceType":"Parameters","parameter":[{"name":"content","resource":${text}}]}`);
    expect(codeOf(answer)).toBe("ok");
    const data = Buffer.from(documentJson()).toString("base64");
    expect(codeOf(await sent(message({ document: JSON.stringify({ resourceType: "Binary", contentType: "application/fhir+json", data }) })))).toBe(
      "ok",
    );
  });

  test("of an event that is named by the address of its definition", async () => {
    const event = { eventUri: `${BASE}/MessageDefinition/deposit-document` };
    expect(codeOf(await sent(message({ event, document: documentJson() })))).toBe("ok");
  });

  test("which is false is refused with all its faults, and taken once they are mended", async () => {
    const [id, bundleId, good] = [randomUUID(), randomUUID(), documentJson()];
    const bad = good.replace('"status": "final"', '"status": "done"');
    expect(bad).not.toBe(good);
    expect(await refused(message({ id, bundleId, document: bad }))).toContain("done");
    expect(codeOf(await sent(message({ id, bundleId, document: good })))).toBe("ok");
  });
});

describe("what is refused with an answer", () => {
  const document = documentJson();
  test.each([
    ["an event of nobody", message({ document, event: { eventCoding: { system: EVENTS, code: "admit" } } }), "deposit-document, find-documents"],
    ["an event that is sent alone", message({ document, event: { eventCoding: { system: EVENTS, code: "document-erased" } } }), "not taken here"],
    ["a destination elsewhere", message({ document, header: { destination: [{ endpoint: "https://other.example.org" }] } }), "for somebody else"],
    ["an answer", message({ document, header: { response: { identifier: "a", code: "ok" } } }), "no answer is awaited"],
    ["a focus that leads nowhere", message({ document, header: { focus: [{ reference: `urn:uuid:${randomUUID()}` }] } }), "leads to no entry"],
    ["no focus", message({ document, header: { focus: undefined } }), "is the document"],
    ["a focus that is no document", message({ document: '{"resourceType":"Patient"}' }), "is the document"],
    ["a Bundle that is no document", message({ document: '{"resourceType":"Bundle","type":"collection"}' }), 'type "document"'],
    [
      "of too many documents",
      message({ document, header: { focus: Array.from({ length: 65 }, () => ({ reference: "urn:uuid:a" })) } }),
      "at most 64",
    ],
    ["a header that breaks a rule", message({ document, header: { source: {} } }), "endpoint"],
  ])("%s", async (_what, body, text) => {
    expect(await refused(body)).toContain(text);
  });
});

describe("a message that is answered later", () => {
  let receiver: FaultyReceiver;
  let open: House;
  beforeAll(async () => {
    receiver = await openFaultyReceiver();
    open = await openHouse({ callbackAllow: { hosts: new Set(["127.0.0.1", "localhost"]), addresses: new BlockList() } });
  });
  afterAll(async () => {
    await open.close();
    await receiver.close();
  });

  const later = (text: string, url = `${receiver.url}/answers`): Promise<RawAnswer> => {
    const parameters = `{"name":"content","resource":${text}},{"name":"async","valueBoolean":true},{"name":"response-url","valueUrl":"${url}"}`;
    const body = `{"resourceType":"Parameters","parameter":[${parameters}]}`;
    return ask(open.port, { method: "POST", path: "/fhir/$process-message", headers: { "Content-Type": "application/fhir+json" }, body });
  };
  const taken = async (count: number): Promise<readonly Answer[]> => {
    const bodies = (): string[] => receiver.received.filter(({ path }) => path === "/answers").map(({ body }) => body);
    while (bodies().length < count) await new Promise((resolve) => setTimeout(resolve, 10));
    return bodies().map((body) => JSON.parse(body) as Answer);
  };

  test("is acknowledged once it is entered, and its answer goes to response-url, whatever it is", async () => {
    const [id, document] = [randomUUID(), documentJson()];
    expect((await later(message({ id, document }))).status).toBe(202);
    const [first] = await taken(1);
    expect(first && [codeOf(first), first.entry[0].resource.response.identifier]).toEqual(["ok", id]);
    expect((await later(message({ id, document }))).status).toBe(202);
    const [, again] = await taken(2);
    expect(again).toEqual(first);
    expect((await later(message({ document: '{"resourceType":"Patient"}' }))).status).toBe(202);
    const [, , refusal] = await taken(3);
    expect(refusal && codeOf(refusal)).toBe("fatal-error");
    while ((await open.eventRows.outgoing("all", 10)).length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  });

  test("waits for a receiver that fails, and is given anew to one that is there", async () => {
    expect((await later(message({ document: documentJson() }), `${receiver.url}/status/500?secret=a`)).status).toBe(202);
    const failures = async (): Promise<number> => (await open.eventRows.outgoing("all", 10))[0]?.failures ?? 0;
    while ((await failures()) < 1) await new Promise((resolve) => setTimeout(resolve, 10));
    const [waiting] = await outgoingTold(open.eventRows, open.keys, 10);
    expect(waiting).toMatchObject({ url: `${receiver.url}/status/500`, isDead: false, lastFailure: expect.stringContaining("500") });
    // What is kept says neither where it goes nor what it says.
    const [row] = await open.eventRows.outgoing("all", 10);
    expect(Buffer.from(row?.value ?? []).toString("latin1")).not.toContain("status/500");
  });

  test.each([
    ["no response-url", "/fhir/$process-message?async=true", "response-url"],
    ["an address that is not called", "/fhir/$process-message?async=true&response-url=http://10.0.0.1/", "cannot be called"],
    ["async that is neither", "/fhir/$process-message?async=maybe", "true or false"],
  ])("is refused: %s", async (_what, path, text) => {
    const before = await sizeOfLog();
    const answer = await post(message({ document: documentJson() }), "application/fhir+json", path);
    expect([answer.status, await sizeOfLog(), String(answer.body)]).toEqual([400, before, expect.stringContaining(text)]);
  });
});

describe("what is no message", () => {
  test.each([
    ["nothing", "", "Send a message"],
    ["another resource", '{"resourceType":"Patient"}', "this is a Patient"],
    ["another Bundle", '{"resourceType":"Bundle","type":"document"}', String.raw`of type \"document\"`],
    ["no header", '{"resourceType":"Bundle","type":"message","id":"a","entry":[{"resource":{"resourceType":"Patient"}}]}', "bdl-12"],
    ["no ids", message({ document: documentJson() }).replace(/"id":"[^"]+","type":"message"/, '"type":"message"'), "Bundle.id and MessageHeader.id"],
    [
      "async that is no boolean",
      `{"resourceType":"Parameters","parameter":[{"name":"content","resource":${message({})}},{"name":"async","valueString":"true"}]}`,
      "async is a valueBoolean",
    ],
    ["a parameter twice", '{"resourceType":"Parameters","parameter":[{"name":"content"},{"name":"content"}]}', "twice"],
    ["no JSON", "{", ""],
  ])("%s: 400", async (_what, body, text) => {
    const before = await sizeOfLog();
    const answer = await post(body);
    expect([answer.status, await sizeOfLog()]).toEqual([400, before]);
    expect(String(answer.body)).toContain(text);
    expect(JSON.parse(String(answer.body))).toMatchObject({ resourceType: "OperationOutcome" });
  });
});

describe("a message that asks for documents", () => {
  test("is answered with what a search finds", async () => {
    const id = documentOf(await sent(message({ document: documentJson() })));
    const answer = await sent(message({ parameters: { parameter: [{ name: "_id", valueString: id }] } }));
    const [{ resource }, , found] = answer.entry;
    expect([codeOf(answer), found?.resource.resourceType, found?.resource.id]).toEqual(["ok", "DocumentReference", id]);
    expect(resource.focus).toEqual([{ reference: `${BASE}/DocumentReference/${id}` }]);
  });

  test("says how many there are when it asks for that alone", async () => {
    const id = documentOf(await sent(message({ document: documentJson() })));
    const parameter = [
      { name: "_id", valueString: id },
      { name: "_summary", valueString: "count" },
    ];
    const answer = await sent(message({ parameters: { parameter } }));
    expect([answer.entry.length, textsOf(answer)]).toEqual([2, "1 found."]);
  });

  test("is answered at once", async () => {
    const answer = await post(
      message({ parameters: {} }),
      "application/fhir+json",
      "/fhir/$process-message?async=true&response-url=https://a.example.org/",
    );
    expect([answer.status, String(answer.body)]).toEqual([400, expect.stringContaining("answered at once")]);
  });

  test("says that there are more", async () => {
    await sent(message({ document: documentJson() }));
    await sent(message({ document: documentJson() }));
    const answer = await sent(message({ parameters: { parameter: [{ name: "_count", valueInteger: 1 }] } }));
    expect([answer.entry.length, textsOf(answer)]).toEqual([3, expect.stringContaining("there are more")]);
  });

  test.each([
    ["a parameter that nobody knows", { parameter: [{ name: "colour", valueString: "red" }] }, "colour"],
    ["a value that is none", { parameter: [{ name: "type", valueQuantity: { value: 1 } }] }, "no value"],
  ])("is refused: %s", async (_what, parameters, text) => {
    expect(await refused(message({ parameters }))).toContain(text);
  });
});

test("an answer, and what is published about messages, keeps R4's rules", async () => {
  const { validate } = VALIDATOR;
  const ok = await post(message({ document: documentJson() }));
  const bad = await post(message({ document: documentJson(), header: { destination: [{ endpoint: "https://other.example.org" }] } }));
  const definitions = await ask(house.port, { path: "/fhir/MessageDefinition" });
  const found = (JSON.parse(String(definitions.body)) as { readonly entry: readonly { readonly resource: object }[] }).entry.map(({ resource }) =>
    JSON.stringify(resource),
  );
  expect(found).toHaveLength(6);
  const statement = await ask(house.port, { path: "/fhir/metadata" });
  expect(JSON.parse(String(statement.body))).toMatchObject({ messaging: [{ endpoint: [{ address: `${BASE}/$process-message` }] }] });
  const codes = await ask(house.port, { path: "/fhir/CodeSystem/message-events" });
  for (const text of [ok.body, bad.body, ...found, statement.body, codes.body].map(String)) {
    const { resource, issues } = readJson(new SourceText(text), DEFAULT_READ_LIMITS);
    if (!resource) throw new Error(text);
    expect(validate(resource, issues).filter(({ severity }) => severity === "error")).toEqual([]);
  }
  const one = await ask(house.port, { path: `/fhir/MessageDefinition?url=${BASE}/MessageDefinition/deposit-document` });
  expect(JSON.parse(String(one.body))).toMatchObject({ total: 1 });
});

/** IHE MHD over HTTP: Provide Document Bundle (ITI-65), Simplified Publish (ITI-105), Generate Metadata (ITI-106). */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createHash, randomUUID } from "node:crypto";
import { parseSubmissionLeaf } from "../../../src/core/formats/submission.ts";
import { openSubmission, openSubmissionRecord, submissionsOf } from "../../../src/pipeline/submissions.ts";
import { fetchOriginal } from "../../../src/pipeline/fetch.ts";
import { writeXml } from "../../../src/core/fhir/xml/write-xml.ts";
import { readJson } from "../../../src/core/fhir/json/read-json.ts";
import { SourceText } from "../../../src/core/fhir/reading/source-text.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { documentJson } from "../../journeys/documents.ts";
import { R4 } from "../../r4.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";
import { statusPatch, submission, urnOid, urnUuid, type SubmittedOptions } from "./mhd-submission.ts";

interface Answered {
  readonly type: string;
  readonly entry: readonly {
    readonly response: { readonly status: string; readonly location: string; readonly etag: string; readonly outcome?: object };
  }[];
}

interface Outcome {
  readonly issue: readonly { readonly severity: string; readonly expression?: readonly string[]; readonly details: { readonly text: string } }[];
}

const BASE = "https://documents.example.org/fhir";
const JSON_TYPE = { "Content-Type": "application/fhir+json" };
let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const post = (path: string, body: string, headers: Record<string, string> = {}): Promise<RawAnswer> =>
  ask(house.port, { method: "POST", path: `/fhir${path}`, headers: { ...JSON_TYPE, ...headers }, body });
const get = (path: string): Promise<RawAnswer> => ask(house.port, { path: `/fhir${path}` });
const sizeOfLog = async (): Promise<number> => (await house.store.checkpoint())?.size ?? 0;

async function provide(text: string): Promise<Answered> {
  const answer = await post("", text);
  expect([answer.status, String(answer.body).slice(0, 1_500)]).toEqual([200, expect.anything()]);
  return JSON.parse(String(answer.body)) as Answered;
}

const places = ({ entry }: Answered): string[] => entry.map(({ response }) => response.location.slice(BASE.length + 1).replace("/_history/1", ""));
const statuses = ({ entry }: Answered): string[] => entry.map(({ response }) => response.status.slice(0, 3));

async function refused(text: string, path = ""): Promise<{ readonly status: number; readonly errors: Outcome["issue"] }> {
  const before = await sizeOfLog();
  const { status, body } = await post(path, text);
  expect(await sizeOfLog()).toBe(before);
  const outcome = JSON.parse(String(body)) as Outcome;
  expect(outcome).toMatchObject({ resourceType: "OperationOutcome" });
  return { status, errors: outcome.issue.filter(({ severity }) => severity === "error") };
}

/** What was sent, as it is kept: put together again. */
async function keptOf(documentId: string): Promise<string> {
  const { store, depositing } = house;
  const [id = ""] = await submissionsOf(documentId, store);
  const entry = await store.entry(id);
  const key = await depositing.documentKeys.read(id);
  if (!entry || !key) throw new Error("no submission");
  const record = openSubmissionRecord(entry, await store.evidence(id), key);
  const documents = parseSubmissionLeaf(entry.leaf).documents;
  const bytes = new Map(await Promise.all(documents.map(async (one) => [one, (await fetchOriginal(one, { ...depositing, store })).bytes] as const)));
  return Buffer.from(
    openSubmission(entry, { content: await store.content(id), record, key }, (one) => bytes.get(one) ?? new Uint8Array()),
  ).toString();
}

describe("Provide Document Bundle", () => {
  test.each(["bundle", "binary"] as const)("takes a document as a %s, one unit of the log, and keeps what was sent to the byte", async (as) => {
    const text = documentJson();
    const before = await sizeOfLog();
    const sent = submission({ documents: [{ text, as }] });
    const answer = await provide(sent);
    expect(answer.type).toBe("transaction-response");
    expect(statuses(answer)).toEqual(["201", "201", "201"]);
    const [list = "", reference = "", content = ""] = places(answer);
    const id = content.split("/")[1] ?? "";
    expect([list, reference, content]).toEqual([
      `List/${id}.submitted`,
      `DocumentReference/${id}.submitted`,
      `${as === "bundle" ? "Bundle" : "Binary"}/${id}`,
    ]);
    expect(await sizeOfLog()).toBe(before + 2);
    expect(String((await get(`/Binary/${id}`)).body)).toBe(text);
    expect(await keptOf(id)).toBe(sent);
    // The document is kept once.
    const [submitted = ""] = await submissionsOf(id, house.store);
    expect((await house.store.content(submitted))?.length ?? 0).toBeLessThan(2_000);
  });

  test("takes several documents and a folder, all or nothing", async () => {
    const before = await sizeOfLog();
    const documents = [
      { text: documentJson(), as: "bundle" },
      { text: documentJson(), as: "binary" },
    ] as const;
    const answer = await provide(submission({ documents, folder: true }));
    const [set = "", one = "", two = "", , , folder = ""] = places(answer);
    const first = one.slice("DocumentReference/".length).replace(".submitted", "");
    expect([set, folder]).toEqual([`List/${first}.submitted`, `List/${first}.folder-1`]);
    expect(two).not.toBe(one);
    expect(await sizeOfLog()).toBe(before + 3);
    const broken = documentJson().replace('"status": "final",', "");
    const { status, errors } = await refused(submission({ documents: [documents[0], { text: broken, as: "bundle" }] }));
    expect([status, errors[0]?.expression]).toEqual([422, ["Bundle.entry[4].resource"]]);
  });

  test("is XML too: the document gets the namespaces that it uses, and what was sent is kept to the byte", async () => {
    const text = submission({ documents: [{ text: documentJson(), as: "bundle" }] });
    const { resource } = readJson(new SourceText(text), DEFAULT_READ_LIMITS, R4.definitions);
    if (!resource) throw new Error("unreadable");
    const sent = writeXml(resource, R4.definitions);
    const answer = await post("", sent, { "Content-Type": "application/fhir+xml" });
    expect([answer.status, String(answer.body).slice(0, 2_000)]).toEqual([200, expect.anything()]);
    const [, id = ""] = /Bundle\/([0-9a-f-]{36})\/_history/.exec(String(answer.body)) ?? [];
    const { bytes, mediaType } = await fetchOriginal(id, { ...house.depositing, store: house.store });
    expect(mediaType).toBe("application/fhir+xml");
    expect(Buffer.from(bytes).toString()).toMatch(/^<Bundle xmlns="http:\/\/hl7.org\/fhir"><identifier>/);
    expect(await keptOf(id)).toBe(sent);
  });

  test("the same submission again, however it is written and however often at once, gets the first answer", async () => {
    const sent = submission({ documents: [{ text: documentJson(), as: "binary" }] });
    const before = await sizeOfLog();
    const all = await Promise.all(Array.from({ length: 6 }, () => provide(sent)));
    expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(await provide(JSON.stringify(JSON.parse(sent)))).toEqual(all[0]);
    expect(await sizeOfLog()).toBe(before + 2);
  });

  test("another submission of one name is refused", async () => {
    const setIdentifier = urnOid();
    await provide(submission({ setIdentifier, documents: [{ text: documentJson(), as: "bundle" }] }));
    const { status, errors } = await refused(submission({ setIdentifier, documents: [{ text: documentJson(), as: "bundle" }] }));
    expect([status, errors[0]?.details.text]).toEqual([409, expect.stringContaining("XDSDuplicateUniqueId")]);
  });

  test("a document that was here before is named, and what is new of the submission is taken", async () => {
    const old = documentJson();
    const [, , known = ""] = places(await provide(submission({ documents: [{ text: old, as: "bundle" }] })));
    const mixed = await provide(
      submission({
        documents: [
          { text: old, as: "bundle" },
          { text: documentJson(), as: "bundle" },
        ],
      }),
    );
    expect(statuses(mixed)).toEqual(["201", "200", "201", "200", "201"]);
    expect(places(mixed)[3]).toBe(known);
    expect(places(mixed)[1]).toBe(known.replace("Bundle", "DocumentReference"));
    const before = await sizeOfLog();
    const nothing = await provide(submission({ documents: [{ text: old, as: "bundle" }] }).replace(/"List\/[^"]*"/, '""'));
    expect(nothing.entry[2]?.response.status.slice(0, 3)).toBe("200");
    expect(await sizeOfLog()).toBe(before);
  });

  test("the erasure of a document ends what is kept of its submissions, and a repeat is told so", async () => {
    const [one, two] = [documentJson(), documentJson()];
    const sent = submission({
      documents: [
        { text: one, as: "bundle" },
        { text: two, as: "bundle" },
      ],
    });
    const [, , , first = "", second = ""] = places(await provide(sent));
    const id = second.slice("Bundle/".length);
    const [submitted = ""] = await submissionsOf(id, house.store);
    expect(await house.depositing.documentKeys.read(submitted)).toBeDefined();
    await house.erase(id);
    expect(await house.depositing.documentKeys.read(submitted)).toBeUndefined();
    expect((await get(`/${first}`)).status).toBe(200);
    expect((await post("", sent)).status).toBe(410);
  });

  test("replaces, with the status of the one that is replaced set by a patch that agrees", async () => {
    const [, reference = "", content = ""] = places(await provide(submission({ documents: [{ text: documentJson(), as: "bundle" }] })));
    const relatesTo = [{ code: "replaces", target: { reference } }];
    const newer = (options: Partial<SubmittedOptions>, to: object[] = relatesTo): string =>
      submission({ documents: [{ text: documentJson(), as: "bundle", reference: { relatesTo: to } }], ...options });
    expect((await refused(newer({ more: [statusPatch(`DocumentReference/${randomUUID()}`)] }))).errors[0]?.expression).toEqual([
      "Bundle.entry[3].resource",
    ]);
    expect((await refused(newer({ more: [statusPatch(reference, "current")] }))).status).toBe(422);
    const gone = [{ code: "replaces", target: { reference: `DocumentReference/${randomUUID()}` } }];
    expect((await refused(newer({}, gone))).errors[0]?.expression).toEqual(["Bundle.entry[1].resource.relatesTo[0].target"]);
    const answer = await provide(newer({ more: [statusPatch(reference)] }));
    expect(statuses(answer)).toEqual(["201", "201", "201", "200"]);
    expect((await get(`/${content}`)).status).toBe(200);
  });

  const one = (): SubmittedOptions["documents"][number] => ({ text: documentJson(), as: "binary" });
  const reference = (change: object): string => submission({ documents: [{ ...one(), reference: change }] });
  const attachment = (change: object): string => submission({ documents: [{ ...one(), attachment: change }] });
  const set = (change: object): string => submission({ documents: [one()], set: change });
  const without = (name: string): object => ({ [name]: undefined });
  test.each([
    ["no profile is said", submission({ documents: [one()] }).replace(/"meta": \{[^}]*\},/, ""), "Bundle.meta.profile"],
    ["an unknown profile", submission({ documents: [one()], profile: "IHE.MHD.Imaginary.ProvideBundle" }), "Bundle.meta.profile"],
    ["no DocumentReference", submission({ documents: [] }), "Bundle.entry"],
    ["no SubmissionSet", submission({ documents: [one()] }).replace('"submissionset"', '"working"'), "Bundle.entry"],
    ["reference without masterIdentifier", reference(without("masterIdentifier")), "Bundle.entry[1].resource.masterIdentifier.value"],
    ["reference without status", reference(without("status")), "Bundle.entry[1].resource.status"],
    ["reference with status superseded", reference({ status: "superseded" }), "Bundle.entry[1].resource.status"],
    ["reference without content", reference({ content: undefined }), "Bundle.entry[1].resource.content"],
    ["reference with docStatus", reference({ docStatus: "final" }), "Bundle.entry[1].resource.docStatus"],
    ["reference with a code that is none", reference({ status: "nonsense" }), "Bundle.entry[1].resource.status"],
    ["attachment without contentType", attachment(without("contentType")), "Bundle.entry[1].resource.content.attachment.contentType"],
    ["attachment of another type", attachment({ contentType: "application/pdf" }), "Bundle.entry[1].resource.content[0].attachment.contentType"],
    ["attachment without url", attachment(without("url")), "Bundle.entry[1].resource.content[0].attachment.url"],
    ["attachment that leads nowhere", attachment({ url: urnUuid() }), "Bundle.entry[1].resource.content[0].attachment.url"],
    ["attachment with a false hash", attachment({ hash: "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" }), "Bundle.entry[1].resource.content[0].attachment.hash"],
    ["attachment with a false size", attachment({ size: 3 }), "Bundle.entry[1].resource.content[0].attachment.size"],
    [
      "hash of a document Bundle",
      submission({ documents: [{ text: documentJson(), as: "bundle", attachment: { hash: "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" } }] }),
      "Bundle.entry[1].resource.content[0].attachment.hash",
    ],
    [
      "PDF in a Binary",
      submission({ documents: [{ ...one(), attachment: { contentType: "application/pdf" }, binary: { contentType: "application/pdf" } }] }),
      "Bundle.entry[2].resource.contentType",
    ],
    ["Binary without data", submission({ documents: [{ ...one(), binary: { data: undefined } }] }), "Bundle.entry[2].resource.data"],
    ["SubmissionSet without date", set(without("date")), "Bundle.entry[0].resource.date"],
    ["SubmissionSet without sourceId", set(without("extension")), "Bundle.entry[0].resource.extension"],
    ["SubmissionSet with status retired", set({ status: "retired" }), "Bundle.entry[0].resource.status"],
    ["SubmissionSet with mode snapshot", set({ mode: "snapshot" }), "Bundle.entry[0].resource.mode"],
    ["SubmissionSet that does not name the reference", set({ entry: [] }), "Bundle.entry[0].resource.entry"],
    ["SubmissionSet that names what is not there", set({ entry: [{ item: { reference: urnUuid() } }] }), "Bundle.entry[0].resource.entry[0].item"],
    [
      "SubmissionSet about somebody else",
      set({ subject: { identifier: { system: "urn:oid:2.16.756.5.32.99", value: "J-1" } } }),
      "Bundle.entry[1].resource.subject",
    ],
    [
      "reference and set about somebody else than the document",
      submission({ documents: [one()] }).replaceAll('"J-4711"', '"J-9"'),
      "Bundle.entry[1].resource.subject",
    ],
    [
      "comprehensive metadata that lack the format",
      submission({ documents: [one()], profile: "IHE.MHD.Comprehensive.ProvideBundle" }),
      "Bundle.entry[1].resource.content.format",
    ],
    [
      "a resource that has no place there",
      submission({ documents: [one()], more: [{ resource: { resourceType: "Observation" }, request: { method: "POST", url: "Observation" } }] }),
      "Bundle.entry[3].resource",
    ],
    [
      "a folder that is to be changed",
      submission({ documents: [one()], more: [{ resource: { resourceType: "List" }, request: { method: "PUT", url: "List/1" } }] }),
      "Bundle.entry[3].resource",
    ],
  ])("refuses, and names the entry: %s", async (_, text, expression) => {
    const { status, errors } = await refused(text);
    expect([status, errors.flatMap((issue) => issue.expression ?? [])]).toEqual([422, expect.arrayContaining([expression])]);
  });
});

describe("Simplified Publish", () => {
  const published = (text: string, change: object = {}, attachment: object = {}): string =>
    JSON.stringify({
      resourceType: "DocumentReference",
      meta: { profile: ["https://profiles.ihe.net/ITI/MHD/StructureDefinition/IHE.MHD.SimplifiedPublish.DocumentReference"] },
      masterIdentifier: { system: "urn:ietf:rfc:3986", value: "urn:oid:1.2.3" },
      status: "current",
      subject: { identifier: { system: "urn:oid:2.16.756.5.32.99", value: "J-4711" } },
      content: [
        {
          attachment: {
            contentType: "application/fhir+json",
            data: Buffer.from(text).toString("base64"),
            hash: createHash("sha1").update(text).digest("base64"),
            ...attachment,
          },
        },
      ],
      ...change,
    });

  test("answers with the DocumentReference, whatever the client prefers, with the address of the bytes", async () => {
    const text = documentJson();
    const sent = published(text);
    const before = await sizeOfLog();
    for (const [prefer, status] of [
      ["return=minimal", 201],
      ["return=representation", 200],
    ] as const) {
      const answer = await post("/DocumentReference", sent, { Prefer: prefer });
      expect(answer.status).toBe(status);
      const [, id = ""] = /\/DocumentReference\/([0-9a-f-]{36})/.exec(answer.headers.location ?? "") ?? [];
      expect(String(answer.body)).toContain('"resourceType":"DocumentReference"');
      // It is of what is sent, with the document in it.
      expect(String(answer.body)).not.toContain("SimplifiedPublish");
      expect(await keptOf(id)).toBe(sent);
    }
    expect(await sizeOfLog()).toBe(before + 2);
  });

  test("makes a SubmissionSet of it, which ITI-66 finds, and which names the source's DocumentReference", async () => {
    const answer = await post("/DocumentReference", published(documentJson({ title: "Of ITI-105" })), {});
    const [, id = ""] = /\/DocumentReference\/([0-9a-f-]{36})/.exec(answer.headers.location ?? "") ?? [];
    const found = JSON.parse(String((await get("/List?code=submissionset&status=current&title=Of%20ITI-105")).body)) as object;
    const item = { reference: `DocumentReference/${id}.submitted` };
    expect(found).toMatchObject({ total: 1, entry: [{ resource: { id, date: expect.any(String), entry: [{ item }] } }] });
  });

  test("refuses what it cannot keep, and says why", async () => {
    const text = documentJson();
    const cases: [string, string][] = [
      [published(text, {}, { hash: "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" }), "DocumentReference.content[0].attachment.hash"],
      [published(text, {}, { contentType: "text/plain" }), "DocumentReference.content[0].attachment.contentType"],
      [published(text, {}, { data: undefined }), "DocumentReference.content[0].attachment.data"],
      [published(text, { subject: undefined }), "DocumentReference.subject"],
      [published(text, { subject: { identifier: { system: "urn:oid:2.16.756.5.32.99", value: "J-2" } } }), "DocumentReference.subject"],
      [published(text.replace('"status": "final",', "")), "DocumentReference"],
    ];
    for (const [sent, expression] of cases) {
      const { status, errors } = await refused(sent, "/DocumentReference");
      expect([status, errors.flatMap((issue) => issue.expression ?? [])]).toEqual([422, expect.arrayContaining([expression])]);
    }
    expect((await post("/DocumentReference", text)).status).toBe(422);
    expect((await post("/DocumentReference", published(text), { "If-None-Exist": "identifier=1" })).status).toBe(400);
  });
});

describe("Generate Metadata", () => {
  const parameters = (resource: string): string => `{"resourceType":"Parameters","parameter":[{"name":"document","resource":${resource}}]}`;
  const binary = (text: string, contentType = "application/fhir+json"): string =>
    JSON.stringify({ resourceType: "Binary", contentType, data: Buffer.from(text).toString("base64") });

  test("deposits a document and answers with the reference that is made of it, the same one again", async () => {
    const text = documentJson();
    const before = await sizeOfLog();
    const answers = [];
    for (const sent of [parameters(text), parameters(text), parameters(binary(text)), text])
      answers.push(await post("/DocumentReference/$generate-metadata", sent));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const [first, ...others] = answers.map(({ body }) => String(body));
    for (const other of others) expect(other).toBe(first);
    const [, id = ""] = /"reference":"DocumentReference\/([0-9a-f-]{36})"/.exec(first ?? "") ?? [];
    expect(await sizeOfLog()).toBe(before + 1);
    const reference = JSON.parse(String((await get(`/DocumentReference/${id}`)).body)) as {
      content: { attachment: { url: string; size: number } }[];
    };
    expect(reference.content[0]?.attachment).toMatchObject({ url: `${BASE}/Binary/${id}.document`, size: Buffer.byteLength(text) });
    expect(String((await get(`/Binary/${id}`)).body)).toBe(text);
  });

  test("R4's own $generate is not offered", async () => {
    expect((await get("/DocumentReference/$generate")).status).toBe(404);
    expect((await post("/DocumentReference/$generate", "{}")).status).toBe(404);
  });

  test("refuses anything else", async () => {
    const path = "/DocumentReference/$generate-metadata";
    for (const sent of [
      parameters(documentJson().replace('"status": "final",', "")),
      parameters(documentJson().replace('"type": "document"', '"type": "collection"')),
      parameters(binary("%PDF-1.7", "application/pdf")),
      '{"resourceType":"Parameters","parameter":[]}',
      '{"resourceType":"Parameters","parameter":[{"name":"other","valueString":"x"}]}',
      '{"resourceType":"Patient"}',
    ])
      expect((await refused(sent, path)).status).toBe(422);
    expect((await ask(house.port, { path: `/fhir${path}` })).status).toBe(405);
    const call = `{"resource":${parameters(documentJson())},"request":{"method":"POST","url":"DocumentReference/$generate-metadata"}}`;
    const before = await sizeOfLog();
    expect((await post("", `{"resourceType":"Bundle","type":"transaction","entry":[${call}]}`)).status).toBe(400);
    expect(await sizeOfLog()).toBe(before);
  });
});

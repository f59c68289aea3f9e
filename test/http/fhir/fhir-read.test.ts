import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";

let house: House;
let id: string;
const sent = documentJson();
const get = (path: string, headers: Record<string, string> = {}, method = "GET"): Promise<RawAnswer> => ask(house.port, { method, path, headers });
const deposit = async (body: string): Promise<string> => {
  const answer = await ask(house.port, { method: "POST", path: "/fhir/Bundle", body, headers: { "Content-Type": "application/fhir+json" } });
  expect(answer.status).toBe(201);
  return /Bundle\/([^/]+)/.exec(answer.headers.location ?? "")?.[1] ?? "";
};
beforeAll(async () => {
  house = await openHouse();
  id = await deposit(sent);
});
afterAll(() => house.close());

describe("GET /fhir/Bundle/{id}", () => {
  test("is JSON by default, with the server's id, version and time, and our seal", async () => {
    const answer = await get(`/fhir/Bundle/${id}`);
    expect([answer.status, answer.headers["content-type"], answer.headers.etag]).toEqual([200, "application/fhir+json; charset=utf-8", 'W/"1"']);
    const bundle = JSON.parse(String(answer.body)) as {
      id: string;
      meta: { versionId: string; lastUpdated: string };
      signature: { sigFormat: string };
    };
    expect([bundle.id, bundle.meta.versionId, bundle.signature.sigFormat]).toEqual([id, "1", "application/jose"]);
    expect(new Date(bundle.meta.lastUpdated).toUTCString()).toBe(answer.headers["last-modified"]);
    expect(answer.headers.vary).toBe("Accept, Accept-Encoding");
    expect(answer.headers["cache-control"]).toBe("private, no-cache");
  });

  test("is XML, page or PDF for whoever asks", async () => {
    const types = {
      "application/fhir+xml": "application/fhir+xml; charset=utf-8",
      "text/html": "text/html; charset=utf-8",
      "application/pdf": "application/pdf",
    };
    for (const [Accept, type] of Object.entries(types)) {
      const answer = await get(`/fhir/Bundle/${id}`, { Accept });
      expect([answer.status, answer.headers["content-type"]]).toEqual([200, type]);
      expect(answer.headers.vary).toContain("Accept");
    }
    expect((await get(`/fhir/Bundle/${id}?_format=xml`, { Accept: "application/pdf" })).headers["content-type"]).toContain("xml");
    expect((await get(`/fhir/Bundle/${id}`, { Accept: "text/turtle" })).status).toBe(406);
    expect((await get(`/fhir/Bundle/${id}?_format=ttl`)).status).toBe(406);
  });

  test("is indented with _pretty, with the same content", async () => {
    const plain = String((await get(`/fhir/Bundle/${id}`)).body);
    const pretty = String((await get(`/fhir/Bundle/${id}?_pretty=true`)).body);
    expect(pretty.split("\n").length).toBeGreaterThan(50);
    expect(plain.split("\n").length).toBe(1);
    expect(JSON.parse(pretty)).toEqual(JSON.parse(plain));
  });

  test("answers 304 to whoever has it; a page has no tag, for nobody keeps it", async () => {
    expect((await get(`/fhir/Bundle/${id}`, { "If-None-Match": 'W/"1"' })).status).toBe(304);
    expect((await get(`/fhir/Bundle/${id}`, { "If-None-Match": 'W/"1"', Accept: "application/fhir+xml" })).status).toBe(304);
    const page = await get(`/fhir/Bundle/${id}`, { "If-None-Match": 'W/"1"', Accept: "text/html" });
    expect([page.status, page.headers["cache-control"], page.headers.etag]).toEqual([200, "no-store", undefined]);
    expect((await get(`/fhir/Bundle/${id}`, { "If-None-Match": 'W/"1"', Accept: "application/pdf" })).status).toBe(200);
  });

  test("has the same headers for HEAD, but for the length of what was not opened, and no body", async () => {
    for (const Accept of ["application/fhir+json", "application/fhir+xml", "text/html"]) {
      const [whole, head] = [await get(`/fhir/Bundle/${id}`, { Accept }), await get(`/fhir/Bundle/${id}`, { Accept }, "HEAD")];
      expect(head.body).toHaveLength(0);
      for (const name of ["etag", "content-type", "last-modified", "cache-control", "content-security-policy"])
        expect(head.headers[name]).toBe(whole.headers[name]);
    }
    expect((await get(`/fhir/Bundle/${id}`, { Accept: "application/pdf" }, "HEAD")).status).toBe(200);
  });

  test("has one version", async () => {
    expect((await get(`/fhir/Bundle/${id}/_history/1`)).status).toBe(200);
    for (const version of ["0", "2", "01", "x"]) expect((await get(`/fhir/Bundle/${id}/_history/${version}`)).status).toBe(404);
  });

  test("is 404 for what is not here", async () => {
    for (const path of [
      `/fhir/Bundle/${randomUUID()}`,
      "/fhir/Bundle/1",
      "/fhir/Bundle/..%2f..%2fetc",
      `/fhir/bundle/${id}`,
      `/fhir/Patient/${id}`,
      "/fhir/Nothing",
      "/nothing",
    ]) {
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    }
    expect((await get("/fhir/Bundle/%E0%A4%A")).status).toBe(400);
  });

  test.each([["PUT"], ["PATCH"], ["DELETE"]])("%s is refused with a reason", async (method) => {
    const answer = await get(`/fhir/Bundle/${id}`, {}, method);
    expect([answer.status, answer.headers.allow]).toEqual([405, "GET, HEAD"]);
    expect(String(answer.body)).toMatch(/never (changed|deleted).*relatesTo/);
  });
});

describe("a method that is not done", () => {
  const cases = [
    ["/fhir/Patient", "GET, HEAD"],
    ["/fhir/Patient?identifier=1", "GET, HEAD"],
    ["/fhir/Patient/ID.1", "GET, HEAD"],
    ["/fhir/Patient/ID.1/_history", "GET, HEAD"],
    ["/fhir/Patient/ID.1/_history/1", "GET, HEAD"],
    ["/fhir/Patient/ID.1/Observation", "GET, HEAD"],
    ["/fhir/Patient/ID.1/*", "GET, HEAD"],
    ["/fhir/DocumentReference/ID", "GET, HEAD"],
    ["/fhir/Patient/_history", "GET, HEAD"],
    ["/fhir/_history", "GET, HEAD"],
    ["/fhir/Patient/_search", "POST"],
    ["/fhir/Patient/ID.1/Observation/_search", "POST"],
    ["/fhir/_search", "POST"],
    ["/fhir/Bundle", "GET, HEAD, POST"],
  ] as const;
  test.each(cases)("at %s is 405, which names what is: %s", async (path, allowed) => {
    for (const method of ["PUT", "PATCH", "DELETE"]) {
      const answer = await get(path.replace("ID", id), {}, method);
      expect([method, answer.status, answer.headers.allow]).toEqual([method, 405, allowed]);
      // Where an identity feed would be taken, if one were allowed, that is said.
      const reason =
        path.startsWith("/fhir/Patient") && method !== "PATCH"
          ? /IDENTITY_FEED|not removed|never (changed|deleted)/
          : /never (changed|deleted).*relatesTo/;
      expect(String(answer.body)).toMatch(reason);
    }
    if (allowed === "POST") expect((await get(path.replace("ID", id))).status).toBe(405);
  });

  test("is nothing at all where nothing is", async () => {
    for (const path of [
      "/fhir/Nothing",
      "/fhir/Nothing/1",
      "/fhir/Patient/$nothing",
      `/fhir/Patient/${id}.1/$nothing`,
      "/fhir/$nothing",
      "/fhir/Binary",
    ])
      for (const method of ["DELETE", "GET"]) expect([path, method, (await get(path, {}, method)).status]).toEqual([path, method, 404]);
  });
});

describe("GET /fhir/Binary/{id}", () => {
  test("is the submitted bytes, and cannot come alive in a browser", async () => {
    for (const Accept of ["*/*", "application/json", "text/html,*/*;q=0.8"]) {
      const answer = await get(`/fhir/Binary/${id}`, { Accept });
      expect([answer.status, answer.headers["content-type"], String(answer.body)]).toEqual([200, "application/fhir+json", sent]);
      expect(answer.headers["content-security-policy"]).toContain("sandbox");
    }
  });

  test("is a Binary resource for a FHIR type", async () => {
    for (const path of [`/fhir/Binary/${id}?_format=json`, `/fhir/Binary/${id}?_format=application/json`]) {
      const binary = JSON.parse(String((await get(path)).body)) as { resourceType: string; contentType: string; data: string };
      expect([binary.resourceType, binary.contentType, Buffer.from(binary.data, "base64").toString()]).toEqual([
        "Binary",
        "application/fhir+json",
        sent,
      ]);
    }
    expect(String((await get(`/fhir/Binary/${id}`, { Accept: "application/fhir+xml" })).body)).toContain(
      '<contentType value="application/fhir+json"/>',
    );
  });
});

describe("GET /fhir/metadata", () => {
  test("tells what is registered, in JSON and XML", async () => {
    const statement = JSON.parse(String((await get("/fhir/metadata")).body)) as {
      resourceType: string;
      fhirVersion: string;
      rest: { resource: { type: string; interaction?: { code: string }[] }[] }[];
    };
    expect([statement.resourceType, statement.fhirVersion]).toEqual(["CapabilityStatement", "4.0.1"]);
    const interactions = statement.rest[0]?.resource.flatMap(({ type, interaction }) =>
      interaction === undefined ? [] : [[type, ...interaction.map(({ code }) => code)]],
    );
    expect(interactions).toEqual(
      expect.arrayContaining([
        ["Binary", "read", "vread", "history-instance", "history-type"],
        ["Bundle", "create", "read", "vread", "search-type", "history-instance", "history-type"],
        ["Composition", "read", "vread", "search-type", "history-instance", "history-type"],
      ]),
    );
    expect(String((await get("/fhir/metadata?_format=xml")).body)).toContain('<CapabilityStatement xmlns="http://hl7.org/fhir">');
    expect((await get("/fhir/metadata", { Accept: "text/turtle" })).status).toBe(406);
  });
});

test("a supersession is on the page at once, and does not change the resource", async () => {
  const identifier = `urn:uuid:${randomUUID()}`;
  const earlier = await deposit(documentJson({ identifier }));
  expect((await get(`/documents/${earlier}`)).status).toBe(200);
  const later = await deposit(documentJson({ replaces: identifier }));
  const after = await get(`/documents/${earlier}`);
  expect([after.status, String(after.body).includes(`superseded-by ${later}`)]).toEqual([200, true]);
  expect((await get(`/fhir/Bundle/${earlier}`, { "If-None-Match": 'W/"1"' })).status).toBe(304);
});

test("the log line of a request holds neither query nor name", async () => {
  house.logged.length = 0;
  await get("/?q=Brandt", { "X-Request-Id": "r1" });
  await get(`/fhir/Bundle/${id}?_format=json`, { "X-Request-Id": "r2" });
  await get("/fhir/Patient/Brandt", { "X-Request-Id": "r3" });
  const lines = house.logged.map((line) => JSON.parse(line) as { requestId: string; route: string; document?: string; status: number });
  expect(lines.map(({ requestId, route, document, status }) => [requestId, route, document, status])).toEqual([
    ["r1", "/", undefined, 200],
    ["r2", "/fhir/Bundle/:id", id, 200],
    ["r3", "/fhir/:type/:id", undefined, 404],
  ]);
  expect(house.logged.join("")).not.toContain("Brandt");
});

describe("what is not needed is not opened", () => {
  /** A house whose store counts how often a content was read. */
  async function counting(): Promise<{ readonly other: House; readonly path: string; readonly reads: string[] }> {
    const reads: string[] = [];
    const other = await openHouse({
      change: (context) => {
        const content = context.store.content.bind(context.store);
        context.store.content = (asked) => {
          reads.push(asked);
          return content(asked);
        };
        return context;
      },
    });
    const headers = { "Content-Type": "application/fhir+json" };
    const answer = await ask(other.port, { method: "POST", path: "/fhir/Bundle", body: documentJson(), headers });
    // The index takes the document in behind its depositor's back; a search waits for it.
    await ask(other.port, { path: "/fhir/Patient?_summary=count" });
    reads.length = 0;
    return { other, path: /Bundle\/([^/]+)/.exec(String(answer.headers.location))?.[1] ?? "", reads };
  }

  test("for 304, HEAD and the receipt; and the content is opened once for all who read it at the same time", async () => {
    const { other, path, reads } = await counting();
    try {
      const tag = { "If-None-Match": 'W/"1"' };
      for (const [address, method, headers] of [
        [`/fhir/Bundle/${path}`, "GET", tag],
        [`/fhir/Binary/${path}`, "GET", tag],
        [`/fhir/Bundle/${path}`, "HEAD", {}],
        [`/fhir/Binary/${path}`, "HEAD", {}],
        [`/documents/${path}`, "HEAD", {}],
        [`/documents/${path}.pdf`, "HEAD", {}],
        [`/documents/${path}/receipt`, "GET", {}],
      ] as const)
        expect([address, (await ask(other.port, { method, path: address, headers })).status]).toEqual([
          address,
          Object.keys(headers).length > 0 ? 304 : 200,
        ]);
      expect(reads).toEqual([]);
      const many = await Promise.all(Array.from({ length: 20 }, () => ask(other.port, { path: `/fhir/Bundle/${path}` })));
      expect(new Set(many.map(({ status, body }) => `${status} ${String(body)}`)).size).toBe(1);
      expect(reads).toEqual([path]);
    } finally {
      await other.close();
    }
  });
});

test("of a document that was erased nothing is served, however fresh its reading is", async () => {
  const other = await openHouse();
  try {
    const headers = { "Content-Type": "application/fhir+json" };
    const answer = await ask(other.port, { method: "POST", path: "/fhir/Bundle", body: documentJson(), headers });
    const one = /Bundle\/([^/]+)/.exec(String(answer.headers.location))?.[1] ?? "";
    const paths = [`/fhir/Bundle/${one}`, `/fhir/Binary/${one}`, `/documents/${one}`, `/documents/${one}.pdf`, `/documents/${one}/receipt`];
    for (const path of paths) expect([path, (await ask(other.port, { path })).status]).toEqual([path, 200]);
    await other.erase(one);
    for (const path of paths) expect([path, (await ask(other.port, { path })).status]).toEqual([path, 410]);
  } finally {
    await other.close();
  }
});

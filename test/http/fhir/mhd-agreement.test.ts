/** IHE MHD: whether a submission agrees with what is here and with itself: whom it is about, what it replaces, by which addresses it names its own (docs/design/mhd.md). */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";
import { SOURCE_ID, statusPatch, submission, urnUuid, type SubmittedOptions } from "./mhd-submission.ts";

const BASE = "https://documents.example.org/fhir";
const JSON_TYPE = "application/fhir+json";
const SYSTEM = "urn:oid:2.16.756.5.32.99";
let house: House;
beforeAll(async () => {
  house = await openHouse({ systems: new Set([SYSTEM]) });
});
afterAll(() => house.close());

interface Issue {
  readonly severity: string;
  readonly expression?: readonly string[];
  readonly details: { readonly text: string };
}
interface Answer {
  readonly status: number;
  readonly places: readonly string[];
  readonly warnings: string;
  readonly issues: readonly Issue[];
}

const post = (body: string): Promise<RawAnswer> =>
  ask(house.port, { method: "POST", path: "/fhir", headers: { "Content-Type": JSON_TYPE, Accept: JSON_TYPE }, body });
const json = async (path = ""): Promise<Readonly<Record<string, unknown>>> => {
  const { status, body } = await ask(house.port, { path: `/fhir/${path}`, headers: { Accept: JSON_TYPE } });
  expect([path, status]).toEqual([path, 200]);
  return JSON.parse(String(body)) as Readonly<Record<string, unknown>>;
};
const sizeOfLog = async (): Promise<number> => (await house.store.checkpoint())?.size ?? 0;

async function send(text: string): Promise<Answer> {
  const { status, body } = await post(text);
  const { entry = [], issue = [] } = JSON.parse(String(body)) as {
    entry?: { response: { location?: string; outcome?: object } }[];
    issue?: Issue[];
  };
  return {
    status,
    places: entry.map(({ response }) => (response.location ?? "").slice(BASE.length + 1).replace("/_history/1", "")),
    warnings: JSON.stringify(entry.map(({ response }) => response.outcome ?? {})),
    issues: issue.filter(({ severity }) => severity === "error"),
  };
}

const of = (text: string, reference: object = {}, options: Partial<SubmittedOptions> = {}): string =>
  submission({ documents: [{ text, as: "binary", reference }], ...options });
const replacing = (target: string, code = "replaces"): object => ({ relatesTo: [{ code, target: { reference: target } }] });
const ofOther = (text: string): string => text.replaceAll("J-4711", "J-9").replaceAll("0c3151bd", "0c3151be");

describe("what a submission says of documents here", () => {
  test("replaces without a patch: the older one is superseded, and says so", async () => {
    const { places } = await send(of(documentJson()));
    const newer = await send(of(documentJson(), replacing(places[1] ?? "")));
    expect([newer.status, newer.warnings.includes("keeps its status")]).toEqual([200, false]);
    expect(await json(places[1])).toMatchObject({ status: "superseded", meta: { versionId: "2" } });
  });

  test.each(["replaces", "appends", "transforms", "signs"])("a document about somebody else cannot be what this one %s", async (code) => {
    const { places } = await send(of(documentJson()));
    const before = await sizeOfLog();
    const set = { subject: { identifier: { system: SYSTEM, value: "J-9" } } };
    const { status, issues } = await send(of(ofOther(documentJson()), { ...replacing(places[1] ?? "", code), ...set }, { set }));
    expect([status, issues.map(({ expression }) => expression), issues[0]?.details.text]).toEqual([
      422,
      [["Bundle.entry[1].resource.relatesTo[0].target"]],
      expect.stringContaining("XDSPatientIdDoesNotMatch"),
    ]);
    expect(await sizeOfLog()).toBe(before);
    expect(await json(places[1])).toMatchObject({ status: "current" });
  });

  test("a replacement of another house stays unconfirmed: its source is warned, and a patch of the status refused", async () => {
    const { places } = await send(of(documentJson()));
    const stranger = (): string => documentJson().replaceAll("5f7f8e3a", "5f7f8e3b");
    const refused = await send(of(stranger(), replacing(places[1] ?? ""), { more: [statusPatch(places[1] ?? "")] }));
    expect([refused.status, refused.issues.map(({ expression }) => expression)]).toEqual([422, [["Bundle.entry[3].resource"]]]);
    const { status, warnings } = await send(of(stranger(), replacing(places[1] ?? "")));
    expect([status, warnings]).toEqual([200, expect.stringContaining("keeps its status")]);
    expect(await json(places[1])).toMatchObject({ status: "current" });
  });
});

describe("whom it is about", () => {
  test("may be named by the address of a Patient here, as ITI-78 told it", async () => {
    await send(of(documentJson()));
    const { entry } = (await json(`Patient?identifier=${SYSTEM}|J-4711`)) as unknown as {
      readonly entry: readonly { readonly resource: { readonly id: string } }[];
    };
    const id = entry[0]?.resource.id ?? "";
    expect(id).toMatch(/^p-/);
    for (const reference of [`Patient/${id}`, `${BASE}/Patient/${id}`]) {
      const subject = { subject: { reference } };
      const { status, places, warnings } = await send(of(documentJson(), subject, { set: subject }));
      expect([status, warnings]).toEqual([200, "[{},{},{}]"]);
      expect(await json(places[1])).toMatchObject({ subject: { reference: `Patient/${id}` } });
      const about = { set: subject };
      const other = await send(of(ofOther(documentJson()), subject, about));
      expect([other.status, other.issues[0]?.expression]).toEqual([422, ["Bundle.entry[1].resource.subject"]]);
    }
  });

  test("an address elsewhere is never asked, and stays as it was given", async () => {
    const subject = { subject: { reference: "https://pix.example.org/fhir/Patient/nobody-knows" } };
    const { status, warnings } = await send(of(documentJson(), subject, { set: subject }));
    expect([status, warnings]).toEqual([200, expect.stringContaining("could not be told")]);
  });
});

test("entries may name each other as on their own server (R4 bundle.html, Resolving references in Bundles)", async () => {
  const root = "https://source.example.org/fhir";
  const names = ["List/1", "DocumentReference/2", "Binary/3"];
  let text = of(documentJson());
  const { entry } = JSON.parse(text) as { entry: { fullUrl: string }[] };
  entry.forEach(({ fullUrl }, at) => {
    text = text.replace(`"fullUrl": "${fullUrl}"`, `"fullUrl": "${root}/${names[at]}"`).replaceAll(fullUrl, names[at] ?? "");
  });
  const { status, places } = await send(text);
  expect([status, places[0]]).toEqual([200, expect.stringMatching(/^List\//)]);
  expect(await json(places[0])).toMatchObject({ entry: [{ item: { reference: places[1] } }] });
});

describe("folders", () => {
  const folder = (change: object, items: readonly string[] = []): object => ({
    fullUrl: urnUuid(),
    resource: {
      resourceType: "List",
      identifier: [{ use: "usual", system: "urn:ietf:rfc:3986", value: urnUuid() }],
      status: "current",
      mode: "working",
      code: { coding: [{ system: "https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes", code: "folder" }] },
      title: "Stroke",
      ...(items.length > 0 && { entry: items.map((reference) => ({ item: { reference } })) }),
      ...change,
    },
    request: { method: "POST", url: "List" },
  });

  test("need no date, and may name documents that came before", async () => {
    const { places } = await send(of(documentJson()));
    const { status, places: newer } = await send(of(documentJson(), {}, { more: [folder({}, [places[1] ?? ""])] }));
    expect(status).toBe(200);
    expect(await json(newer[3])).toMatchObject({ title: "Stroke", entry: [{ item: { reference: places[1] } }] });
  });

  test("hold references to documents alone, and have no source", async () => {
    const text = of(documentJson(), {}, { more: [folder({ source: { display: "x" }, extension: [SOURCE_ID] })] });
    expect((await send(text)).issues.map(({ expression }) => expression?.[0])).toEqual(["Bundle.entry[3].resource.source"]);
    const set = (JSON.parse(text) as { entry: { fullUrl: string }[] }).entry[0]?.fullUrl ?? "";
    const inner = of(documentJson(), {}, { more: [folder({}, [set])] });
    expect((await send(inner)).issues[0]?.expression).toEqual(["Bundle.entry[3].resource.entry[0].item"]);
  });

  test("that are here are not changed, and the answer says how instead", async () => {
    const more = [{ resource: { resourceType: "List" }, request: { method: "PUT", url: `List/${randomUUID()}.folder-1` } }];
    const { status, issues } = await send(of(documentJson(), {}, { more }));
    expect([status, issues[0]?.details.text]).toEqual([422, expect.stringMatching(/PartialFolderContentNotProcessed.*by POST/)]);
  });
});

test("a document that is promised for later is refused, and the reason told", async () => {
  const attachment = { size: 0, hash: "2jmj7l5rSw0yVb/vlWAYkK/YBwk=" };
  const { status, issues } = await send(submission({ documents: [{ text: documentJson(), as: "binary", attachment }] }));
  expect([status, issues[0]?.expression, issues[0]?.details.text]).toEqual([
    422,
    ["Bundle.entry[1].resource.content[0].attachment.size"],
    expect.stringContaining("later"),
  ]);
});

test("too many entries are the same answer for a submission and for any other transaction", async () => {
  const entries = Array.from({ length: 1_001 }, () => ({ request: { method: "GET", url: "Patient" } }));
  const transaction = JSON.stringify({ resourceType: "Bundle", type: "transaction", entry: entries });
  const all = [transaction, of(documentJson(), {}, { more: entries.slice(3) })].map(post);
  const [plain, submitted] = (await Promise.all(all)).map(({ status, body }) => [status, String(body)]);
  expect(plain).toEqual([413, expect.stringContaining("at most 1000 entries, and this one has 1001")]);
  expect(submitted).toEqual(plain);
});

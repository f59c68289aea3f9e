import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";

const OWN = "https://documents.example.org";
const sent = documentJson();
let house: House;
let receipt: string;
let trust: string;

beforeAll(async () => {
  house = await openHouse({ maxDocumentBytes: 50_000 });
  const { headers } = await ask(house.port, {
    method: "POST",
    path: "/fhir/Bundle",
    headers: { "Content-Type": "application/fhir+json" },
    body: sent,
  });
  receipt = String((await ask(house.port, { path: `/documents/${headers.location?.split("/").at(-3) ?? ""}/receipt` })).body);
  trust = String((await ask(house.port, { path: "/trust.json" })).body);
});
afterAll(() => house.close());

async function verify(fields: Readonly<Record<string, string>>, { origin = OWN, accept = "application/json" } = {}): Promise<RawAnswer> {
  const form = new FormData();
  for (const [name, text] of Object.entries(fields)) form.set(name, new File([text], `${name}.json`));
  const encoded = new Response(form);
  const headers = { Host: "documents.example.org", Origin: origin, Accept: accept, "Content-Type": encoded.headers.get("Content-Type") ?? "" };
  return ask(house.port, { method: "POST", path: "/verify", headers, body: Buffer.from(await encoded.arrayBuffer()) });
}

const verdictOf = ({ body }: RawAnswer): unknown => (JSON.parse(String(body)) as { verdict: unknown }).verdict;

describe("/verify", () => {
  test("shows a form", async () => {
    const { status, body, headers } = await ask(house.port, { path: "/verify", headers: { Accept: "text/html" } });
    expect([status, String(body), headers["cache-control"]]).toEqual([200, "<!doctype html><title>verify file</title>nothing", "no-store"]);
  });

  test("holds what somebody has against this repository's keys, or theirs, as the command line does", async () => {
    const stranger = await openHouse();
    const theirs = String((await ask(stranger.port, { path: "/trust.json" })).body);
    await stranger.close();
    expect(verdictOf(await verify({ document: sent, receipt }))).toBe("proven");
    expect(verdictOf(await verify({ document: sent, receipt, trust }))).toBe("proven");
    expect(verdictOf(await verify({ document: sent }))).toBe("incomplete");
    expect(verdictOf(await verify({ document: sent.replace("Brandt", "Brandl"), receipt }))).toBe("false");
    expect(verdictOf(await verify({ document: sent, receipt, trust: theirs }))).toBe("false");
    expect(verdictOf(await verify({ document: sent, receipt: "{" }))).toBe("false");
    expect(verdictOf(await verify({ document: "%PDF-1.7\n" }))).toBe("incomplete");
    expect(JSON.parse(String((await verify({ document: sent, receipt })).body))).toMatchObject({ file: "document.json", checks: expect.any(Array) });
  });

  test("answers people with a page that nobody keeps, and keeps nothing itself", async () => {
    const before = (await house.store.checkpoint())?.size;
    const { body, headers } = await verify({ document: sent, receipt }, { accept: "text/html" });
    expect([String(body), headers["cache-control"], headers["content-encoding"]]).toEqual([
      "<!doctype html><title>verify file</title>document.json proven",
      "no-store",
      undefined,
    ]);
    expect((await house.store.checkpoint())?.size).toBe(before);
  });

  test("gives the verifier as a file only where it was built", async () => {
    expect((await ask(house.port, { path: "/verify.html" })).status).toBe(404);
    expect((await ask(house.port, { method: "POST", path: "/verify.html", headers: { Origin: OWN } })).status).toBe(405);
  });

  test("takes no form of another origin, none without a file or too large, and no other method", async () => {
    expect((await verify({ document: sent }, { origin: "https://elsewhere.example.org" })).status).toBe(403);
    expect((await verify({ receipt })).status).toBe(400);
    expect((await verify({ document: "x".repeat(60_000) })).status).toBe(413);
    expect((await verify({ document: sent, receipt: "x".repeat(90_000) })).status).toBe(413);
    expect((await ask(house.port, { method: "PUT", path: "/verify", headers: { Origin: OWN } })).status).toBe(405);
  });
});

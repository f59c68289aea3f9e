/** PDFs that are kept: made once for a document in its state, and asked for anew each time whether they may be given. */
import { afterEach, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import type { Decide } from "../../access.ts";
import { MemoryRenditions } from "../../contracts/memory-renditions.ts";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House, type HouseOptions } from "../house.ts";
import { ask } from "../local-server.ts";

let house: House;
let shelf: MemoryRenditions;
let made = 0;

afterEach(() => house.close());

async function open(options: HouseOptions = {}): Promise<void> {
  shelf = new MemoryRenditions();
  made = 0;
  house = await openHouse({ renditions: shelf, onPdf: () => ((made += 1), { level: "B-T", isStampMissing: false }), ...options });
}

const post = async (body: string): Promise<string> => {
  const { headers } = await ask(house.port, { method: "POST", path: "/fhir/Bundle", headers: { "Content-Type": "application/fhir+json" }, body });
  return headers.location?.split("/").at(-3) ?? "";
};

async function pdf(id: string, query = "", language = "en"): Promise<{ status: number; text: string; size: unknown; level: unknown }> {
  const { status, body, headers } = await ask(house.port, { path: `/documents/${id}.pdf${query}`, headers: { "Accept-Language": language } });
  // What is kept is kept after the answer.
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return { status, text: String(body), size: headers["chartulary-log-size"], level: headers["chartulary-pdf-signature"] };
}

describe("a PDF", () => {
  test("is made once, and again for another paper, language or document", async () => {
    await open();
    const [one, two] = [await post(documentJson()), await post(documentJson())];
    const first = await pdf(one);
    expect([await pdf(one), made]).toEqual([first, 1]);
    expect(first).toMatchObject({ status: 200, level: "PAdES-B-T", size: "2" });
    expect(house.served.pdfCounts.told).toEqual({ made: 1, kept: 1, unstamped: 0 });
    const others = [await pdf(one, "?paper=letter"), await pdf(one, "", "de"), await pdf(two)];
    expect([new Set([first, ...others].map(({ text }) => text)).size, made, shelf.kept.size]).toEqual([4, 4, 4]);
    expect([await pdf(one, "?paper=letter"), await pdf(one, "", "de"), await pdf(two), made]).toEqual([...others, 4]);
  });

  test("is made anew when something is said of its document, and not when something else enters the log", async () => {
    await open();
    const identifier = `urn:uuid:${randomUUID()}`;
    const id = await post(documentJson({ identifier }));
    const before = await pdf(id);
    await post(documentJson());
    expect(await pdf(id)).toEqual({ ...before, size: "2" });
    expect(made).toBe(1);
    const later = await post(documentJson({ replaces: identifier }));
    const after = await pdf(id);
    expect([after.text.includes(`superseded-by ${later}`), after.size, made]).toEqual([true, "3", 2]);
    expect([(await pdf(id)).text, made]).toEqual([after.text, 2]);
  });

  test("of what was erased, or may not be read any more, is not given, though it is kept", async () => {
    let isForbidden = false;
    const decide: Decide = () => (isForbidden ? { isPermitted: false, reason: "a test's" } : { isPermitted: true });
    await open({ decide });
    const id = await post(documentJson());
    await pdf(id);
    isForbidden = true;
    expect(await pdf(id)).toMatchObject({ status: 404, text: expect.not.stringContaining("%PDF") });
    isForbidden = false;
    expect([(await pdf(id)).status, made, shelf.kept.size]).toEqual([200, 1, 1]);
    await house.erase(id);
    expect(await pdf(id)).toMatchObject({ status: 410, text: expect.not.stringContaining("%PDF") });
  });

  test("that lacks its time-stamp is given, says so, and is not kept", async () => {
    await open({ onPdf: () => ((made += 1), { level: "B-B", isStampMissing: true }) });
    const id = await post(documentJson());
    expect([(await pdf(id)).level, (await pdf(id)).level, made, shelf.kept.size]).toEqual([
      "PAdES-B-B; time-stamp=missing",
      "PAdES-B-B; time-stamp=missing",
      2,
      0,
    ]);
  });

  test("is made anew where what was kept is altered, or the shelf fails", async () => {
    await open();
    const id = await post(documentJson());
    const first = await pdf(id);
    for (const [name, bytes] of shelf.kept)
      shelf.kept.set(
        name,
        bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte)),
      );
    expect([(await pdf(id)).text, made]).toEqual([first.text, 2]);
    shelf.keep = () => Promise.reject(new Error("a shelf that breaks its word"));
    shelf.kept.clear();
    expect([(await pdf(id)).text, made]).toEqual([first.text, 3]);
  });
});

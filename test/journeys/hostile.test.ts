/** Everything in fixtures/hostile, sent to the real program: each meets the answer that its README promises, and the service goes on. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Reader } from "./support/browser.ts";
import { missingFrom, narrativesOf, plainText, valuesOf, withoutSpace } from "./support/fixtures.ts";
import { get, idOf, submit } from "./support/requests.ts";
import { beginJourney, type Journey } from "./support/journey.ts";
import type { Service } from "./support/service.ts";

const FOLDER = fileURLToPath(new URL("../../fixtures/hostile/", import.meta.url));
const PROMISES = [...readFileSync(`${FOLDER}README.md`, "utf8").matchAll(/^\| `([^`]+)` \| (\d+) \| (.*) \|$/gm)].map(
  ([, file = "", status, what = ""]) => ({
    file,
    status: Number(status),
    what,
  }),
);
const REFUSED = PROMISES.filter(({ file }) => file.startsWith("refused/"));
const ACCEPTED = PROMISES.filter(({ file }) => file.startsWith("accepted/"));

let journey: Journey | undefined;
let service: Service;
let reader: Reader;

beforeAll(async () => {
  journey = await beginJourney();
  ({ service, reader } = journey);
});

afterAll(() => journey?.end());

const send = (file: string) =>
  submit(service.url, new Uint8Array(readFileSync(FOLDER + file)), file.endsWith(".xml") ? "application/fhir+xml" : "application/fhir+json");

test("the README tells of every file", () => {
  const files = ["refused", "accepted"].flatMap((part) => readdirSync(FOLDER + part).map((name) => `${part}/${name}`));
  expect(PROMISES.map(({ file }) => file).sort()).toEqual(files.sort());
});

describe("refused", () => {
  test.each(REFUSED.map(({ file, status, what }) => [file, what, status] as const))("%s: %s", async (file, _what, status) => {
    const answer = await send(file);
    expect(answer.status).toBe(status);
    const outcome = JSON.parse(answer.text) as { resourceType: string; issue: { details?: { text?: string } }[] };
    expect(outcome.resourceType).toBe("OperationOutcome");
    expect(outcome.issue[0]?.details?.text).toBeTruthy();
    expect(answer.text).not.toMatch(/\/src\/|node:internal|\bat .*\.ts:\d/);
  });

  test("nothing of it was stored", async () => {
    expect((await get(`${service.url}/`, "text/html")).text).not.toMatch(/href="\/documents\/[0-9a-f-]{36}"/);
  });
});

describe("accepted, and harmless", () => {
  test.each(ACCEPTED.map(({ file, what }) => [file, what] as const))("%s: %s", async (file) => {
    const answer = await send(file);
    expect([answer.status, answer.text]).toEqual([201, ""]);
    expect(answer.headers.get("set-cookie")).toBeNull();
    const id = idOf(answer);
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(readFileSync(FOLDER + file));
    for (const accept of ["application/fhir+json", "application/fhir+xml"]) {
      const served = await get(`${service.url}/fhir/Bundle/${id}`, accept);
      if (accept.endsWith("xml")) expect(() => plainText(served.text)).not.toThrow();
      // A carriage return in an attribute, and the like, is escaped in XML and must come back as itself.
      expect(missingFrom(valuesOf(served.text), valuesOf(text))).toEqual([]);
    }
    const view = await reader.open(`${service.url}/documents/${id}`);
    expect(view.complaints).toEqual([]);
    expect(view.requests.filter((address) => !address.startsWith(`${service.url}/`) && !address.startsWith("data:"))).toEqual([]);
    expect(await view.page.title()).not.toBe("owned");
    expect(
      await view.page.evaluate("document.querySelectorAll('script:not([src]), iframe, object, embed, [onerror], [onclick], [onmouseover]').length"),
    ).toBe(0);
    const links = (await view.page.evaluate("[...document.querySelectorAll('a[href]')].map((link) => link.protocol)")) as string[];
    expect(links.filter((protocol) => !["http:", "https:", "mailto:", "tel:"].includes(protocol))).toEqual([]);
    const shown = withoutSpace(await view.text());
    for (const narrative of narrativesOf(text.replace(/<!--[^]*?-->/g, ""))) expect(shown).toContain(plainText(narrative));
    expect(shown).toContain(file.endsWith(".json") ? "Thelastsectionisstillhere." : "Seentoday.");
    await view.page.close();
  });

  test("no style lifts a narrative over the page, and nothing in it is invisible", async () => {
    const list = await get(`${service.url}/?q=overlay`, "text/html");
    const id = /href="\/documents\/([0-9a-f-]{36})"/.exec(list.text)?.[1] ?? "";
    const view = await reader.open(`${service.url}/documents/${id}`);
    const positions = await view.page.evaluate(
      `(() => { const div = [...document.querySelectorAll("div,p")].filter((element) => element.textContent.startsWith("Signature valid. Patient:")).pop(); const style = getComputedStyle(div); return [style.position, style.zIndex]; })()`,
    );
    expect(positions).toEqual(["static", "auto"]);
    await view.page.close();
  });

  test("what an author hides is shown", async () => {
    const list = await get(`${service.url}/?q=hidden`, "text/html");
    const id = /href="\/documents\/([0-9a-f-]{36})"/.exec(list.text)?.[1] ?? "";
    const view = await reader.open(`${service.url}/documents/${id}`);
    const states = (await view.page.evaluate(
      `[...document.querySelectorAll("p")].filter((p) => /orrection/.test(p.textContent)).map((p) => { const style = getComputedStyle(p); const box = p.getBoundingClientRect(); return [style.display !== "none", style.visibility, parseFloat(style.fontSize) > 6, style.opacity, style.color !== style.backgroundColor, box.height > 0 && box.x >= 0, parseFloat(style.textIndent) >= 0]; })`,
    )) as unknown[];
    expect(states).toEqual(Array.from({ length: 5 }, () => [true, "visible", true, "1", true, true, true]));
    await view.page.close();
  });
});

test("after all of it the service is well", async () => {
  expect((await get(`${service.url}/readyz`, "*/*")).status).toBe(200);
  expect(service.log()).not.toMatch(/Mallory|Trudy/);
});

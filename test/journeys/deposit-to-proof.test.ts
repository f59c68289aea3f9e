/**
 * The main journey, with the real program, over HTTP, in a real browser: documents are deposited, read back, seen, printed and verified; then somebody alters the
 * database, and it is noticed.
 */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Reader } from "./support/browser.ts";
import { familyOf, fixture, missingFrom, narrativesOf, plainText, titlesOf, valuesOf, withoutSpace } from "./support/fixtures.ts";
import { pdfPages } from "./support/pdf-text.ts";
import { get, idOf, submit, type Answer } from "./support/requests.ts";
import { beginJourney, type Journey } from "./support/journey.ts";
import { chartulary, type Service } from "./support/service.ts";

const JSON_TYPE = "application/fhir+json";
const XML_TYPE = "application/fhir+xml";
const long = fixture("discharge-summary-long.json");
const german = fixture("discharge-summary-german.xml");
const signed = fixture("operation-report-signed.json");

let journey: Journey | undefined;
let service: Service;
let reader: Reader;
const ids = new Map<string, string>();
const answers = new Map<string, Answer>();

beforeAll(async () => {
  journey = await beginJourney();
  ({ service, reader } = journey);
  for (const { name, bytes, mediaType } of [long, german, signed]) {
    const answer = await submit(service.url, bytes, mediaType);
    answers.set(name, answer);
    ids.set(name, idOf(answer));
  }
});

afterAll(() => journey?.end());

const idFor = (name: string): string => ids.get(name) ?? "";

describe("deposit", () => {
  test("is answered with where the document is, and no body", () => {
    const { status, headers, text } = answers.get(long.name) as Answer;
    expect(status).toBe(201);
    expect(headers.get("location")).toBe(`${service.url}/fhir/Bundle/${idFor(long.name)}/_history/1`);
    expect(headers.get("etag")).toBe('W/"1"');
    expect(Date.parse(headers.get("last-modified") ?? "")).not.toBeNaN();
    expect(text).toBe("");
  });

  test("a retry is the same deposit: nothing new, the same headers", async () => {
    const again = await submit(service.url, german.bytes, german.mediaType);
    const first = answers.get(german.name) as Answer;
    expect(again.status).toBe(200);
    for (const header of ["location", "etag", "last-modified"]) expect(again.headers.get(header)).toBe(first.headers.get(header));
  });

  test("the same document in the other format is the same deposit", async () => {
    const asXml = await get(`${service.url}/fhir/Bundle/${idFor(signed.name)}`, XML_TYPE);
    const again = await submit(service.url, asXml.bytes, XML_TYPE);
    expect([again.status, again.headers.get("location")]).toEqual([200, answers.get(signed.name)?.headers.get("location")]);
  });

  test.each([JSON_TYPE, XML_TYPE])(
    "what came unsigned, read here as %s and sent again, is the same deposit; with another seal it is not",
    async (type) => {
      const served = await get(`${service.url}/fhir/Bundle/${idFor(german.name)}`, type);
      expect(served.text).toContain("application/jose");
      const again = await submit(service.url, served.bytes, type);
      expect([again.status, again.headers.get("location")]).toEqual([200, answers.get(german.name)?.headers.get("location")]);
      const seal = /[A-Za-z0-9+/=]{600,}/.exec(served.text)?.[0] ?? "";
      const altered = served.text.replace(seal, `${seal.slice(0, 500)}${seal[500] === "A" ? "B" : "A"}${seal.slice(501)}`);
      expect((await submit(service.url, altered, type)).status).toBe(409);
      const other = await get(`${service.url}/fhir/Bundle/${idFor(long.name)}`, JSON_TYPE);
      const foreign = /[A-Za-z0-9+/=]{600,}/.exec(/"application\/jose",\s*"data":\s*"([^"]+)"/.exec(other.text)?.[1] ?? "")?.[0] ?? "";
      expect(foreign.length).toBeGreaterThan(600);
      expect((await submit(service.url, served.text.replace(seal, foreign), type)).status).toBe(409);
    },
  );

  test("the same identifier with other content is a conflict that names both digests", async () => {
    const altered = long.text.replace('"138"', '"139"').replace("94.60", "94.61");
    const answer = await submit(service.url, altered, JSON_TYPE);
    expect(answer.status).toBe(409);
    expect(new Set(answer.text.match(/sha256:[0-9a-f]{64}/g)).size).toBeGreaterThanOrEqual(2);
  });

  test("a faulty text is no retry, even where one reading of it is what was deposited", async () => {
    const twoTitles = long.text.replace(/("title": "Discharge summary: [^"]*",)/, '$1 "title": "Another",');
    expect((await submit(service.url, twoTitles, JSON_TYPE)).status).toBe(422);
  });

  test("of concurrent twins with one identifier exactly one wins", async () => {
    const twins = Array.from({ length: 20 }, (_, index) =>
      fixture("referral-french.xml")
        .text.replace(
          /(<identifier>\s*<system value="urn:ietf:rfc:3986"\/>\s*<value value=")[^"]*/,
          "$1urn:uuid:5b0c6d52-6a0b-4c07-9d5e-0000000000aa",
        )
        .replace("138/86", `${130 + index}/86`),
    );
    const statuses = await Promise.all(twins.map(async (twin) => (await submit(service.url, twin, XML_TYPE)).status));
    expect(statuses.sort()).toEqual([201, ...Array.from({ length: 19 }, () => 409)]);
  });

  test("of concurrent retries all are given the one place", async () => {
    const text = fixture("discharge-letter-arabic.json").text;
    const all = await Promise.all(Array.from({ length: 8 }, () => submit(service.url, text, JSON_TYPE)));
    expect(all.map(({ status }) => status).sort()).toEqual([...Array.from({ length: 7 }, () => 200), 201]);
    expect(new Set(all.map(({ headers }) => headers.get("location"))).size).toBe(1);
  });

  test("Prefer says what comes back", async () => {
    const outcome = await submit(service.url, german.bytes, XML_TYPE, { Prefer: "return=OperationOutcome" });
    const resource = await submit(service.url, german.bytes, XML_TYPE, { Prefer: "return=representation" });
    expect(outcome.text).toMatch(/"resourceType"\s*:\s*"OperationOutcome"/);
    expect(narrativesOf(resource.text)).toEqual(narrativesOf(german.text));
  });

  test("an invalid document is refused with every fault, where it is and by which rule", async () => {
    const faulty = long.text
      .replace(/("system": "urn:ietf:rfc:3986",\s*"value": "urn:uuid:)[0-9a-f-]+/, "$15b0c6d52-6a0b-4c07-9d5e-0000000000bb")
      .replace('"status": "final"', '"status": "finished"')
      .replace('"mode": "legal",', "")
      .replace(/"date": "[^"]*",\s*/, "");
    const { status, text } = await submit(service.url, faulty, JSON_TYPE);
    expect(status).toBe(422);
    const outcome = JSON.parse(text) as {
      issue: {
        severity: string;
        code: string;
        expression?: string[];
        diagnostics?: string;
        details: { text: string };
        extension?: { url: string; valueInteger?: number }[];
      }[];
    };
    const errors = outcome.issue.filter(({ severity }) => severity === "error");
    expect(errors.some(({ expression }) => expression?.[0]?.includes("attester[3]"))).toBe(true);
    expect(errors.some(({ details }) => /\bdate\b/.test(details.text))).toBe(true);
    for (const issue of errors) {
      expect(issue.extension?.some(({ url }) => url === "http://hl7.org/fhir/StructureDefinition/operationoutcome-message-id")).toBe(true);
      expect(issue.extension?.some(({ url, valueInteger }) => url.endsWith("operationoutcome-issue-line") && (valueInteger ?? 0) > 0)).toBe(true);
    }
  });

  test("what is no document, no FHIR or no such type is told apart", async () => {
    expect((await submit(service.url, '{"resourceType":"Patient"}', JSON_TYPE)).status).toBe(422);
    expect((await submit(service.url, "{", JSON_TYPE)).status).toBe(400);
    expect((await submit(service.url, "x", "text/csv")).status).toBe(415);
  });

  test.each(["PUT", "PATCH", "DELETE"])("%s is refused with a reason: documents are immutable", async (method) => {
    const response = await fetch(`${service.url}/fhir/Bundle/${idFor(long.name)}`, {
      method,
      body: method === "DELETE" ? null : "{}",
      headers: { "Content-Type": JSON_TYPE },
    });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect(await response.text()).toMatch(/never/);
  });
});

describe("reading back", () => {
  test.each([long.name, german.name, signed.name])("%s keeps every value and every letter in both formats", async (name) => {
    const { text } = fixture(name);
    for (const accept of [JSON_TYPE, XML_TYPE]) {
      const served = await get(`${service.url}/fhir/Bundle/${idFor(name)}`, accept);
      expect(served.headers.get("content-type")).toContain(accept);
      expect(narrativesOf(served.text)).toEqual(narrativesOf(text));
      expect(missingFrom(valuesOf(served.text), valuesOf(text))).toEqual([]);
    }
  });

  test("decimals keep their digits", async () => {
    const json = await get(`${service.url}/fhir/Bundle/${idFor(long.name)}`, JSON_TYPE);
    const xml = await get(`${service.url}/fhir/Bundle/${idFor(long.name)}`, XML_TYPE);
    expect(json.text).toMatch(/"value"\s*:\s*94\.60\b/);
    expect(xml.text).toContain('<value value="94.60"/>');
  });

  test("the submitted bytes come back exactly", async () => {
    for (const { name, bytes, mediaType } of [long, german]) {
      const original = await get(`${service.url}/fhir/Binary/${idFor(name)}`, "*/*");
      expect(original.headers.get("content-type")).toContain(mediaType);
      expect(Buffer.compare(original.bytes, bytes)).toBe(0);
    }
  });

  test("a version that is known already is not sent again", async () => {
    const { status } = await get(`${service.url}/fhir/Bundle/${idFor(long.name)}`, JSON_TYPE, { "If-None-Match": 'W/"1"' });
    expect(status).toBe(304);
  });
});

describe("what a clinician sees", () => {
  test.each([long.name, german.name])("%s: patient, title and every section, in a browser", async (name) => {
    const { text } = fixture(name);
    const view = await reader.open(`${service.url}/documents/${idFor(name)}`);
    const headings = await view.headings();
    for (const title of titlesOf(text)) expect(headings).toContain(title);
    const shown = withoutSpace(await view.text());
    expect(shown.toUpperCase()).toContain(withoutSpace(familyOf(text)).toUpperCase());
    for (const narrative of narrativesOf(text)) expect(shown).toContain(plainText(narrative));
    expect(view.complaints).toEqual([]);
    expect(view.requests.filter((address) => !address.startsWith(service.url) && !address.startsWith("data:"))).toEqual([]);
    await view.page.close();
  });

  test("the image in the narrative is drawn", async () => {
    const { page } = await reader.open(`${service.url}/documents/${idFor(long.name)}`);
    const widths = await page.evaluate("[...document.querySelectorAll('img')].map((image) => image.complete && image.naturalWidth)");
    expect(widths).toEqual([360]);
    await page.close();
  });

  test("on a phone nothing but tables scrolls sideways", async () => {
    const { page } = await reader.open(`${service.url}/documents/${idFor(long.name)}`, { width: 390, height: 844 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    await page.close();
  });

  test.each([long.name, german.name])("%s: the PDF has the same text, and the patient on each page", async (name) => {
    const { text } = fixture(name);
    const answer = await get(`${service.url}/documents/${idFor(name)}.pdf`, "application/pdf");
    expect([answer.status, answer.headers.get("content-type"), answer.status === 200 ? "" : service.log()]).toEqual([200, "application/pdf", ""]);
    const pages = await pdfPages(answer.bytes);
    // Fonts may give the micro sign as the Greek letter, and ligatures.
    const printed = withoutSpace(pages.join(" ")).normalize("NFKC");
    for (const title of titlesOf(text)) expect(printed).toContain(withoutSpace(title).normalize("NFKC"));
    // A page's end may stand in the middle of a narrative: what counts is that no word is lost.
    for (const narrative of narrativesOf(text)) expect(wordsOf(narrative).filter((word) => !printed.includes(word.normalize("NFKC")))).toEqual([]);
    for (const page of pages) expect(withoutSpace(page).toUpperCase()).toContain(withoutSpace(familyOf(text)).toUpperCase());
  });

  test("the document's own address gives view and PDF too", async () => {
    const address = `${service.url}/fhir/Bundle/${idFor(german.name)}`;
    expect((await get(address, "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")).headers.get("content-type")).toContain("text/html");
    expect((await get(address, "application/pdf")).text.slice(0, 5)).toBe("%PDF-");
  });
});

describe("a correction", () => {
  test("is told on the earlier document's page as soon as it comes, whatever a browser has kept", async () => {
    const earlier = idOf(await submit(service.url, fixture("discharge-summary-pneumonia-v1.json").bytes, JSON_TYPE));
    const before = await get(`${service.url}/documents/${earlier}`, "text/html");
    const later = idOf(await submit(service.url, fixture("discharge-summary-pneumonia-v2.json").bytes, JSON_TYPE));
    const after = await get(`${service.url}/documents/${earlier}`, "text/html", { "If-None-Match": before.headers.get("etag") ?? "" });
    expect(after.status).toBe(200);
    expect(before.text).not.toContain(later);
    expect(after.text).toContain(`/documents/${later}`);
    expect((await get(`${service.url}/documents/${earlier}.pdf`, "application/pdf")).status).toBe(200);
    // The document itself is what it was.
    expect((await get(`${service.url}/fhir/Bundle/${earlier}`, JSON_TYPE, { "If-None-Match": 'W/"1"' })).status).toBe(304);
  });
});

describe("proof", () => {
  test("online: everything that can be checked is checked", async () => {
    const report = JSON.parse((await get(`${service.url}/documents/${idFor(long.name)}/verify`, "application/json")).text) as {
      isVerified: boolean;
      checks: { result: string }[];
    };
    expect(report.checks.length).toBeGreaterThan(2);
    expect(report.isVerified).toBe(true);
  });

  test("offline: the submitted bytes and what is served, JSON or XML, with receipt and trust file", async () => {
    const all = await Promise.all([long.name, german.name].map(proofFiles));
    const results = await Promise.all(
      all.flatMap(({ documents, receipt, trust }) => documents.map((file) => chartulary(["verify", file, "--receipt", receipt, "--trust", trust]))),
    );
    expect(results.map(({ code, output }) => [code, /^FAIL.*/m.exec(output)?.[0]])).toEqual(results.map(() => [0, undefined]));
  });

  test("offline: exit 2 without a receipt, 1 for an altered digit, 1 for another's receipt", async () => {
    const files = await proofFiles(long.name);
    const other = await proofFiles(german.name);
    const altered = join(journey?.folder ?? "", "altered.json");
    await writeFile(altered, long.text.replace("94.60", "94.61"));
    const verify = (file: string, receipt?: string) =>
      chartulary(["verify", file, "--trust", files.trust, ...(receipt === undefined ? [] : ["--receipt", receipt])]);
    const [file = ""] = files.documents;
    const results = await Promise.all([verify(file), verify(altered, files.receipt), verify(file, other.receipt)]);
    expect(results.map(({ code }) => code)).toEqual([2, 1, 1]);
  });

  test("the author's signature is checked, and trusted once the auditor trusts the certificate", async () => {
    const files = await proofFiles(signed.name);
    const args = ["verify", files.documents[0] ?? "", "--receipt", files.receipt, "--require-trusted"];
    expect((await chartulary([...args, "--trust", files.trust])).code).toBe(1);
    const trust = JSON.parse((await get(`${service.url}/trust.json`, "application/json")).text) as { signers: string[] };
    trust.signers.push(await readFile(new URL("../../fixtures/trust/haldane-iqbal.pem", import.meta.url), "utf8"));
    const withSigner = join(journey?.folder ?? "", "trust-with-signer.json");
    await writeFile(withSigner, JSON.stringify(trust));
    expect((await chartulary([...args, "--trust", withSigner])).code).toBe(0);
  });
});

describe("one byte of the stored content is flipped", () => {
  test("verification fails, the reader is told, and nothing of it is served as if it were whole", async () => {
    const id = idFor(german.name);
    const { dataFolder } = journey as Journey;
    expect(await journey?.restart(() => flipByte(join(dataFolder, "chartulary.db"), id))).toBe(0);
    ({ service } = journey as Journey);

    const report = await get(`${service.url}/documents/${id}/verify`, "application/json");
    expect(report.status === 200 ? (JSON.parse(report.text) as { isVerified: boolean }).isVerified : false).toBe(false);
    const page = await get(`${service.url}/documents/${id}`, "text/html");
    expect(page.text).toMatch(/is not what was (stored|deposited)/);
    const resource = await get(`${service.url}/fhir/Bundle/${id}`, JSON_TYPE);
    expect(resource.status).toBeGreaterThanOrEqual(500);
    expect(resource.text).toMatch(/OperationOutcome/);
    // The others are none the worse for it.
    expect((await get(`${service.url}/fhir/Bundle/${idFor(long.name)}`, JSON_TYPE)).status).toBe(200);
  });
});

async function proofFiles(name: string): Promise<{ readonly documents: string[]; readonly receipt: string; readonly trust: string }> {
  const id = idFor(name);
  const place = (suffix: string) => join(journey?.folder ?? "", `${id}${suffix}`);
  const sources = {
    "-json.json": ["fhir/Bundle/", JSON_TYPE],
    "-xml.xml": ["fhir/Bundle/", XML_TYPE],
    "-submitted": ["fhir/Binary/", "*/*"],
  } as const;
  const documents: string[] = [];
  for (const [suffix, [path, accept]] of Object.entries(sources)) {
    await writeFile(place(suffix), (await get(`${service.url}/${path}${id}`, accept)).bytes);
    documents.unshift(place(suffix));
  }
  await writeFile(place(".receipt"), (await get(`${service.url}/documents/${id}/receipt`, "*/*")).bytes);
  await writeFile(place(".trust"), (await get(`${service.url}/trust.json`, "*/*")).bytes);
  return { documents, receipt: place(".receipt"), trust: place(".trust") };
}

/** What somebody with the file in hands can do: take the triggers away and change a byte in the middle. */
function flipByte(file: string, id: string): void {
  const database = new DatabaseSync(file);
  database.exec("DROP TRIGGER entries_no_update");
  const row = database.prepare("SELECT content FROM entries WHERE id = ?").get(id) as { content: Uint8Array };
  const content = Uint8Array.from(row.content);
  const middle = Math.floor(content.length / 2);
  content[middle] = (content[middle] ?? 0) ^ 1;
  database.prepare("UPDATE entries SET content = ? WHERE id = ?").run(content, id);
  database.close();
}

/** The words of a narrative, each without the marks at its ends. */
function wordsOf(narrative: string): string[] {
  return narrative
    .replace(/<[^>]*>/g, " ")
    .replace(/&#160;/g, " ")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&")
    .split(/\s+/)
    .filter((word) => word !== "");
}

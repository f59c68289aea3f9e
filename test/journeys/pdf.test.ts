/** PDFs of the real program, made by the real browser: judged by veraPDF and Poppler where they are, verified by the command line, and the same each time. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { SCRIPTS } from "../scripts.ts";
import { judge, missingParts } from "../../scripts/verapdf.ts";
import { fixture } from "./support/fixtures.ts";
import { get, idOf, submit } from "./support/requests.ts";
import { chartulary, startService, temporaryFolder, type Service } from "./support/service.ts";

/** A document with a line in every script that we have a font for, also set as by a typewriter. */
function inEveryScript(): { readonly bytes: Uint8Array; readonly mediaType: string } {
  const { bytes, mediaType } = fixture("discharge-summary-long.json");
  const rows = SCRIPTS.map(
    ([script, language, words]) => `<tr><th>${script}</th><td lang="${language}" dir="auto">${words} <b>${words}</b></td></tr>`,
  );
  const div = `<div xmlns="http://www.w3.org/1999/xhtml"><table><tbody>${rows.join("")}</tbody></table><pre>Hb 12.3 ≥ 한 Ж</pre></div>`;
  const text = Buffer.from(bytes)
    .toString("utf8")
    .replace(/"identifier": ?\{[^}]*\}/, () => `"identifier":{"system":"https://example.org/letters","value":"scripts"}`)
    .replace(/"div": ?"(?:[^"\\]|\\.)*"/, () => `"div":${JSON.stringify(div)}`);
  return { bytes: Buffer.from(text), mediaType };
}

const documents = [
  inEveryScript(),
  fixture("discharge-summary-long.json"),
  fixture("discharge-letter-arabic.json"),
  fixture("prescription-without-narrative.json"),
  fixture("discharge-summary-german.xml"),
  fixture("laboratory-report-entered-in-error.json"),
];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let service: Service;
let ids: string[] = [];
const files: string[] = [];
/** One of them for readers whose labels are written otherwise. */
const inLanguages: string[] = [];
const LANGUAGES = ["ar", "he", "ja", "zh"];

beforeAll(async () => {
  folder = await temporaryFolder();
  // Each is made anew.
  service = await startService({ dataFolder: join(folder.path, "data"), environment: { MAX_RENDITION_BYTES: "0" } });
  for (const { bytes, mediaType } of documents) ids.push(idOf(await submit(service.url, bytes, mediaType)));
  for (const [at, id] of ids.entries()) files.push(await keep(`${at}.pdf`, await pdf(id, at % 2 === 0 ? "a4" : "letter")));
  for (const language of LANGUAGES) inLanguages.push(await keep(`${language}.pdf`, await pdf(ids.at(-1), "a4", language)));
  await keep("trust.json", (await get(`${service.url}/trust.json`, "*/*")).bytes);
});

afterAll(async () => {
  ids = [];
  await service.stop();
  await folder.remove();
});

async function pdf(id: string | undefined, paper = "a4", language = "en"): Promise<Uint8Array> {
  const { status, bytes } = await get(`${service.url}/documents/${id ?? ""}.pdf?paper=${paper}`, "application/pdf", { "Accept-Language": language });
  expect(status).toBe(200);
  return bytes;
}

async function keep(name: string, bytes: Uint8Array): Promise<string> {
  await writeFile(join(folder.path, name), bytes);
  return join(folder.path, name);
}

/** Without the signature and the moment of signing. */
function unsigned(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("latin1")
    .replace(/\/Contents <[0-9a-f]{1000,}>/, "/Contents <>")
    .replace(/\/M \(D:\d{14}Z\)/, "/M ()");
}

// The judges hold the thread: that a connection was closed meanwhile is to be seen before the next request.
afterEach(() => setTimeout(20));

const missing = missingParts();
(missing === undefined ? test : test.skip)(
  `veraPDF: what is served, signed, is PDF/A-3a and PDF/UA-1${missing ? ` (not judged: ${missing})` : ""}`,
  () => {
    const { text } = judge([...files, ...inLanguages]);
    expect(text.match(/^(pass|FAIL).*$/gm)).toHaveLength(2 * (documents.length + LANGUAGES.length));
    expect(text.split("\n").filter((line) => line !== "" && !line.startsWith("pass"))).toEqual([]);
  },
);

const hasPoppler = spawnSync("pdfsig", ["-v"]).error === undefined;
(hasPoppler ? test : test.skip)(
  `Poppler: the signature is valid and covers the whole file${hasPoppler ? "" : " (not judged: there is no pdfsig)"}`,
  () => {
    const { stdout } = spawnSync("pdfsig", [files[0] ?? ""], { encoding: "utf8" });
    for (const words of ["Signature is Valid", "Total document signed", "ETSI.CAdES.detached"]) expect(stdout).toContain(words);
  },
);

(hasPoppler ? test : test.skip)(
  `Poppler: every script can be copied out, letter for letter${hasPoppler ? "" : " (not judged: there is no pdftotext)"}`,
  () => {
    const { stdout } = spawnSync("pdftotext", ["-raw", files[0] ?? "", "-"], { encoding: "utf8" });
    const copied = squeezed(stdout);
    expect(copied).not.toContain(squeezed("cannot be printed"));
    // Word by word, since Poppler has its own order of words from the right. It parts words of Thaana at each vowel, which is a mark, and turns the parts round: its letters are held alone.
    const isThere = (script: string, words: string): boolean =>
      words.split(script === "Thaana" ? "" : " ").every((word) => copied.includes(squeezed(word)));
    expect(SCRIPTS.filter(([script, , words]) => !isThere(script, words)).map(([script]) => script)).toEqual([]);
  },
);

/** Without white space and marks of direction, composed. */
function squeezed(text: string): string {
  return text.normalize("NFC").replace(/[\s\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufe0f]+/gu, "");
}

describe("PDFs that are served", () => {
  test("are the same each time but for the signature", async () => {
    const again = await pdf(ids[2]);
    const bytes = await pdf(ids[2]);
    expect(unsigned(again)).toBe(unsigned(bytes));
    expect(unsigned(bytes).length).toBeLessThan(bytes.length - 1_000);
  });

  test("are A4 or Letter, by the address, then by the reader's region", async () => {
    const sizeOf = (bytes: Uint8Array): string | undefined => /\/MediaBox \[0 0 (\d+)/.exec(Buffer.from(bytes).toString("latin1"))?.[1];
    const american = await get(`${service.url}/documents/${ids[2] ?? ""}.pdf`, "application/pdf", { "Accept-Language": "en-US" });
    expect([sizeOf(await pdf(ids[2], "a4")), sizeOf(await pdf(ids[2], "letter")), sizeOf(american.bytes)]).toEqual(["594", "612", "612"]);
  });

  test("are proven by a trust file that was had before, and by no other", async () => {
    for (const file of [files[2], files[3]]) {
      const proven = await chartulary(["verify", file ?? "", "--trust", join(folder.path, "trust.json")]);
      expect([proven.code, proven.output]).toEqual([
        0,
        expect.stringMatching(/pass +pdf signature[^]*pass +pdf certificate[^]*pass +digest[^]*\nproven:/),
      ]);
      expect(await chartulary(["verify", file ?? ""])).toMatchObject({ code: 2, output: expect.stringContaining("\nnot-confirmed:") });
    }
  });

  test("are verified on the page by the same words as on the command line, in a thread", async () => {
    const trust = join(folder.path, "trust.json");
    const altered = await keep(
      "flipped.pdf",
      (await pdf(ids[2])).map((byte, at) => (at === 30_000 ? byte ^ 1 : byte)),
    );
    for (const file of [files[2] ?? "", altered]) {
      const form = new FormData();
      form.set("document", new File([await readFile(file)], file));
      const answer = await fetch(`${service.url}/verify`, {
        method: "POST",
        body: form,
        headers: { Accept: "application/json", Origin: service.url },
      });
      const { output } = await chartulary(["verify", file, "--trust", trust, "--json"]);
      expect([answer.status, await answer.json()]).toEqual([200, JSON.parse(output)]);
    }
  });

  test("are false when anything was added, and say so", async () => {
    const altered = await keep("altered.pdf", Buffer.concat([await pdf(ids[2]), Buffer.from("%\n")]));
    const verified = await chartulary(["verify", altered, "--trust", join(folder.path, "trust.json")]);
    expect([verified.code, verified.output]).toEqual([1, expect.stringMatching(/FAIL +pdf signature/)]);
  });
});

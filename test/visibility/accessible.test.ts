/**
 * axe-core (WCAG 2.2 AA and its best practices) finds nothing wrong with any kind of page, from the width of a small telephone to that of a desk, in light and dark; `npm run accessible` asks it about real documents. Contrast of the
 * author's words within the frame is the harness's (npm run visibility): their colours are theirs.
 */
import { createServer, type Server } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Browser, Page } from "puppeteer-core";
import { SourceText } from "../../src/core/fhir/reading/source-text.ts";
import { treeOf, type JsonObject } from "../../src/core/fhir/tree/tree.ts";
import type { ShownKeys } from "../../src/pipeline/render/pages/keys-page.ts";
import type { PatientDocuments } from "../../src/pipeline/render/pages/patient-page.ts";
import { createPages, type RenderedPages } from "../../src/pipeline/render/pages/pages.ts";
import { launchReader } from "../journeys/support/browser.ts";
import { PROJECT_ROOT } from "../journeys/support/service.ts";
import { ID, NOW, PATIENT, presentedOf, summaryOf } from "../pipeline/render/sample.ts";
import { R4 } from "../r4.ts";
import { axeFindings } from "./axe.ts";
import { shownFile } from "./documents.ts";

const pages: RenderedPages = createPages({
  definitions: R4.definitions,
  judge: { rules: "none", judge: () => Promise.resolve({ kind: "clean" }), close: () => Promise.resolve() },
  verdicts: { get: () => undefined, put: () => undefined },
  onPlain: () => undefined,
  isOpen: true,
  halt: () => "store",
  depositAddress: "http://127.0.0.1/fhir/Bundle",
  now: () => NOW,
});

const issue = { severity: "error", code: "invariant", text: "A thing is wrong.", rule: "dom-2", expression: "Bundle.entry[0]", offset: 2 } as const;

const checks = [
  { name: "seal", result: "pass", text: "The seal covers this content." },
  { name: "log", result: "fail", text: "Not in the log." },
  { name: "signer", result: "not-confirmed", text: "Nobody vouches." },
  { name: "time", result: "not-made", text: "No time." },
] as const;

const signature = { ...presentedOf(shown("patient-summary").document.bundle).seal, place: "Bundle.signature", signerName: "Dr T. Lind" } as const;

function shown(name: string): ReturnType<typeof presentedOf> {
  const found = shownFile(join(PROJECT_ROOT, "fixtures", "documents", "valid", `${name}.json`));
  if (!found) throw new Error(`${name} is no document`);
  return found.presented;
}

const document =
  (name: string, more: object = {}) =>
  (): Promise<string> =>
    pages.document({ ...shown(name), logSize: 9, ...more }, { locale: "en", medium: "screen" });

const PATIENT_SHOWN: PatientDocuments = {
  id: `p-${"0".repeat(40)}`,
  isDerived: true,
  patient: treeOf(PATIENT) as JsonObject,
  source: ID,
  documents: [
    {
      summary: summaryOf({ status: "entered-in-error" }),
      isSuperseded: false,
      relations: [{ kind: "replaces", isConfirmed: true, other: summaryOf() }],
    },
    {
      summary: summaryOf({ patientName: "MEIER, Anne" }),
      isSuperseded: true,
      relations: [
        { kind: "superseded-by", isConfirmed: true, other: summaryOf() },
        { kind: "claims-missing", isConfirmed: false, target: "urn:uuid:1" },
      ],
    },
  ],
  next: "1.2",
  isIncomplete: false,
};

const CERTIFICATE = {
  ...{
    subject: "CN=Seal",
    issuer: "CN=Authority",
    serial: "40:57:45",
    algorithm: "ES256, ec prime256v1",
    kid: "geXj2F4crMBeIzUVOdSFlB0i",
    file: "5f14",
  },
  ...{ fingerprint: Array(32).fill("5F").join(":"), from: new Date("2020-01-01T00:00:00Z"), to: new Date("2022-01-01T00:00:00Z") },
};
const KEYS: ShownKeys = {
  seals: [
    { ...CERTIFICATE, isCurrent: true, ended: undefined, chain: [{ ...CERTIFICATE, subject: "CN=Authority" }] },
    { ...CERTIFICATE, isCurrent: false, ended: { since: new Date("2021-05-01T00:00:00Z"), before: 5, reason: "A copy was lost." }, chain: [] },
  ],
  logs: [{ origin: "example.org/log", vkeys: ["example.org/log+63ed2d1c+AXpP8hAjQ0mkZG51znkwDJ"] }],
  witnesses: { rule: "1 of a", parties: [{ name: "a", vkey: "example.org/w+63ed2d1c+AXpP8hAjQ0mkZG51znkwDJ" }] },
};

const KINDS: Readonly<Record<string, () => string | Promise<string>>> = {
  start: () => pages.start({ documents: [{ summary: summaryOf(), isSuperseded: true }] }, { locale: "en", query: "" }),
  "start, nothing found": () => pages.start({ documents: [] }, { locale: "de", query: "Meyer" }),
  "finder, with what it found": () =>
    pages.start(
      { documents: [{ summary: summaryOf(), isSuperseded: true, foundBy: [{ field: "patient", value: "Meyer" }, { field: "type" }] }], next: "1.2" },
      { locale: "en", query: "Meyer", fields: { type: "summary", from: "2026-01-01", status: "current" } },
    ),
  "finder, nothing found, from right to left": () =>
    pages.start({ documents: [] }, { locale: "ar", query: "", fields: { author: "Lind", status: "superseded" } }),
  "patient who is known": () => pages.patient(PATIENT_SHOWN, { locale: "en" }),
  "patient who stands alone, from right to left": () =>
    pages.patient({ ...PATIENT_SHOWN, isDerived: false, documents: [], isIncomplete: true }, { locale: "he" }),
  refusal: () => pages.refusal({ issues: [issue] }, { locale: "en" }),
  "keys and certificates": () => pages.keys(KEYS, { locale: "de" }),
  "verify a file": () => pages.verifyFile(undefined, { locale: "en" }),
  "verify a file, and what came of it": () =>
    pages.verifyFile({ name: "a.pdf", result: { verdict: "false", checks, signatures: [signature] } }, { locale: "de" }),
  check: () => pages.check({ name: "a.json", verdict: "refused", issues: [issue], source: new SourceText('{"a": 1}') }, { locale: "en" }),
  "start from right to left": () => pages.start({ documents: [{ summary: summaryOf(), isSuperseded: true }] }, { locale: "he", query: "" }),
  "verification from right to left": () => pages.verification("id", { checks, verdict: "false", signatures: [signature] }, { locale: "ar" }),
  verification: () => pages.verification("id", { checks, verdict: "false", signatures: [signature] }, { locale: "fr" }),
  error: () => pages.error({ status: 404, code: "not-found", message: "No.", requestId: "r" }, { locale: "en" }),
  "document, superseded, with remarks": document("discharge-summary-long", {
    warnings: ["a", "a", "b"].map((text) => ({ rule: "cmp-1", text })),
    signatures: [signature],
    relations: [{ kind: "superseded-by", isConfirmed: true, other: summaryOf() }],
  }),
  "document of data alone": document("prescription-without-narrative"),
  "document, results": document("results-from-data"),
  "document from right to left": document("discharge-letter-arabic"),
  "document, entered in error": document("laboratory-report-entered-in-error"),
  "document, restricted": document("psychiatry-letter-restricted"),
  "document in Japanese": document("discharge-summary-japanese"),
  "document of data alone, for a reader from right to left": () =>
    pages.document({ ...shown("medication-plan-from-data"), logSize: 9 }, { locale: "ar", medium: "screen" }),
};

let server: Server;
let browser: Browser;
let page: Page;
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "chartulary-accessible-"));
  browser = await launchReader(home);
  page = await browser.newPage();
  server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "").slice(1);
    const asset = pages.assets.get(`/${path}`);
    void Promise.resolve(typeof asset?.body === "string" ? asset.body : (KINDS[path]?.() ?? "")).then((body) => {
      response.writeHead(200, { "content-type": asset?.contentType ?? "text/html; charset=utf-8" }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterAll(async () => {
  await browser.close();
  await new Promise((resolve) => server.close(resolve));
  await rm(home, { recursive: true, force: true, maxRetries: 3 });
});

/** One page for all: to open and close one for each took a third of the time. What was put into it goes when it leaves. */
async function findings(kind: string, width: number, scheme: "light" | "dark", css = ""): Promise<string[]> {
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${encodeURIComponent(kind)}`, { waitUntil: "load" });
  if (css !== "") await page.addStyleTag({ content: css });
  return axeFindings(page);
}

describe.each(Object.keys(KINDS))("%s", (kind) => {
  test.each([
    [320, "light"],
    [390, "dark"],
    [768, "light"],
    [1440, "light"],
    [1440, "dark"],
  ] as const)("at %i pixels, %s", async (width, scheme) => {
    expect(await findings(kind, width, scheme)).toEqual([]);
  });
});

test("axe finds what is wrong: pale words, and in dark too", async () => {
  for (const [scheme, colour] of [
    ["light", "#8d969e"],
    ["dark", "#4f5a63"],
  ] as const) {
    const found = await findings("error", 390, scheme, `p { color: ${colour} !important; }`);
    expect(found.some((finding) => finding.startsWith("color-contrast"))).toBe(true);
  }
});

test("the author's words look the same whatever the reader prefers, and the rest of the page does not", async () => {
  const looks = async (scheme: "light" | "dark"): Promise<[string[], string]> => {
    const page = await browser.newPage();
    try {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      const kind = encodeURIComponent("document, superseded, with remarks");
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${kind}`, { waitUntil: "load" });
      return (await page.evaluate(`[[...document.querySelectorAll(".attested, .attested *")].map((element) => {
        const style = getComputedStyle(element);
        return [style.color, style.backgroundColor, style.borderTopColor, style.colorScheme].join(" ");
      }), getComputedStyle(document.body).backgroundColor]`)) as [string[], string];
    } finally {
      await page.close();
    }
  };
  const [light, dark] = [await looks("light"), await looks("dark")];
  expect(light[0].length).toBeGreaterThan(100);
  expect(dark[0]).toEqual(light[0]);
  expect(dark[1]).not.toBe(light[1]);
});

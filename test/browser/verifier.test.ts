/** The verifier as one file in a browser without a network: what it finds is what the command line prints, it looks as the service's page does, and it asks nobody. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SIGNATURE_CASES } from "./signature-cases.ts";
import { openVerifierInBrowser, type Chosen, type PrintedReport, type VerifierInBrowser } from "./verifier.ts";
import { verifierWords } from "../../src/main/bundle-verifier.ts";
import type { Words } from "../../src/pipeline/render/locale-words.ts";
import { localeFor } from "../../src/pipeline/render/locale-for.ts";
import { LANGUAGES, Locale } from "../../src/pipeline/render/locale.ts";
import { verificationMain, verifiedShown } from "../../src/pipeline/render/pages/verification-form.ts";
import { CHECK_NAMES } from "../../src/pipeline/verify/report.ts";
import { openKeptDocument } from "../../src/core/formats/kept-document.ts";
import { run } from "../cli/command-line.ts";
import { PROJECT_ROOT } from "../journeys/support/service.ts";
import { idOf, keyOf, receiptsOf, sampleDocument, seal, temporaryKeys, trustText } from "../pipeline/sign/deposited.ts";
import { axeFindings } from "../visibility/axe.ts";

let verifier: VerifierInBrowser;
let text: string;
let receipt: string;
let record: string;
let trust: string;

beforeAll(async () => {
  const keys = await temporaryKeys();
  text = sampleDocument("urn:uuid:1");
  const sealed = await seal(text, idOf(0), keys);
  [receipt = ""] = await receiptsOf([sealed], keys);
  record = openKeptDocument(sealed.id, sealed, keyOf(sealed.id)).evidence.deposit;
  trust = trustText(keys);
  verifier = await openVerifierInBrowser();
});

afterAll(() => verifier.close());

/** Where nothing tells when it was received it is now, by the clock of whoever verifies; the command line tells the path that it was given. */
function timeless(report: PrintedReport): unknown {
  return JSON.parse(
    JSON.stringify({ ...report, file: "" }, (_, value: { readonly basis?: string; readonly at?: string } | null) =>
      value?.basis === "received" ? { ...value, at: "received" } : value,
    ),
  );
}

/** Asks the page and the command line. */
async function sameAsCommandLine(chosen: Chosen): Promise<PrintedReport> {
  const given = await verifier.verify(chosen);
  const options = Object.entries(chosen).flatMap(([field, content]) => [
    ...(field === "document" ? [] : [`--${field}`]),
    verifier.put(`line-${field}`, content),
  ]);
  const { stdout } = await run(["verify", "--json", ...options]);
  expect(timeless(given)).toEqual(timeless(JSON.parse(stdout) as PrintedReport));
  return given;
}

const inPage = (script: string): Promise<unknown> => verifier.opened.page.evaluate(script);

describe("the verifier in a browser finds what the command line prints", () => {
  test("of what was deposited, and of every alteration", async () => {
    const strangers = trustText(await temporaryKeys());
    const old = receipt.replace("receipt/2", "receipt/1").replace(/"seals": \[\s*\{\s*"jws": ("[^"]*")\s*\}\s*\]/, '"seal": $1');
    expect(old).toContain('"seal":');
    const cases: readonly (readonly [Chosen, string])[] = [
      [{ document: text, receipt, trust }, "proven"],
      [{ document: text, receipt: old, trust }, "proven"],
      [{ document: text, receipt, trust, record }, "proven"],
      [{ document: text, receipt }, "not-confirmed"],
      [{ document: text, trust }, "incomplete"],
      [{ document: text.replace("Discharge", "Dischargé"), receipt, trust }, "false"],
      [{ document: text, receipt, trust: strangers }, "false"],
      [{ document: text, receipt: receipt.replace("inclusionProof", "inclusion"), trust }, "false"],
      [{ document: text, receipt, trust: "{" }, "incomplete"],
      [{ document: "%PDF-1.7\n", receipt, trust }, "incomplete"],
      [{ document: Uint8Array.of(0xff, 0xfe, 0x7b), receipt, trust }, "false"],
    ];
    for (const [chosen, verdict] of cases) expect((await sameAsCommandLine(chosen)).verdict).toBe(verdict);
  });

  test.each(["documents/valid", "documents/broken", "hostile/accepted", "hostile/refused"])("of fixtures/%s", async (folder) => {
    const path = join(PROJECT_ROOT, "fixtures", folder);
    const names = readdirSync(path, { recursive: true, encoding: "utf8" }).filter((name) => /\.(json|xml|p7m)$/.test(name));
    expect(names.length).toBeGreaterThan(5);
    const signer = JSON.stringify(readFileSync(join(PROJECT_ROOT, "fixtures/trust/haldane-iqbal.pem"), "utf8"));
    const file = trust.replace('"signers": []', () => `"signers": [${signer}]`);
    for (const name of names) await sameAsCommandLine({ document: readFileSync(join(path, name)), trust: file });
  });

  test("of five megabytes, in a thread, while the page goes on", async () => {
    const section = {
      title: "x".repeat(1000),
      text: { status: "generated", div: `<div xmlns="http://www.w3.org/1999/xhtml">${"a ".repeat(500)}</div>` },
    };
    const composition = { resourceType: "Composition", status: "final", title: "Large", section: Array.from({ length: 2600 }, () => section) };
    const large = JSON.stringify({ resourceType: "Bundle", type: "document", entry: [{ fullUrl: "urn:uuid:1", resource: composition }] });
    expect(large.length).toBeGreaterThan(5_000_000);
    const threads: string[] = [];
    const page = verifier.opened.page.on("workercreated", (thread) => void threads.push(thread.url()));
    // Counts how often the page's own thread was free until the outcome was there.
    await inPage(
      "globalThis.turns = 0; globalThis.counting = setInterval(() => { if (document.querySelector('[aria-busy]')) globalThis.turns += 1; }, 1)",
    );
    expect((await sameAsCommandLine({ document: large, trust })).verdict).toBe("incomplete");
    expect(await inPage("clearInterval(globalThis.counting), globalThis.turns")).toBeGreaterThan(1);
    expect(threads).toHaveLength(1);
    expect(page.workers()).toHaveLength(0);
  });
});

describe("the verifier in a browser is used", () => {
  /** Drops files, in whatever order, under names that tell nothing. */
  const drop = (files: readonly string[]): Promise<unknown> =>
    inPage(`{
      const held = new DataTransfer();
      ${JSON.stringify(files)}.forEach((file, at) => held.items.add(new File([file], "dropped-" + at)));
      for (const name of ["dragover", "drop"]) document.querySelector("h1").dispatchEvent(new DragEvent(name, { dataTransfer: held, bubbles: true, cancelable: true }));
    }`);
  const shown = (): Promise<unknown> => inPage("document.getElementById('verifier-status').textContent");

  test("by dropping files, which are told apart by what is in them", async () => {
    await inPage("document.querySelector('#verifier form').reset()");
    expect(await verifier.outcome(() => drop([trust, record, text, receipt]))).toMatchObject({ verdict: "proven", file: "dropped-2" });
    const chosen = await inPage("['document', 'receipt', 'trust', 'record'].map((id) => document.getElementById(id).files[0].name)");
    expect(chosen).toEqual(["dropped-2", "dropped-3", "dropped-0", "dropped-1"]);
    // What is dropped afterwards takes the place of its like alone.
    expect(await verifier.outcome(() => drop([text.replace("Meyer", "Meier")]))).toMatchObject({ verdict: "false", file: "dropped-0" });
  });

  test("for one document at a time, and told so", async () => {
    await drop([text, text]);
    await verifier.opened.page.waitForFunction("document.getElementById('verifier-status').textContent !== ''");
    expect(await shown()).toBe("Verify one document at a time.");
  });

  test("with no verdict left standing that is of files before: of what can't be read nothing is said but that", async () => {
    expect((await verifier.verify({ document: text, receipt, trust })).verdict).toBe("proven");
    const { page } = verifier.opened;
    const left = async (ask: () => Promise<unknown>): Promise<unknown> => {
      await inPage("document.getElementById('verifier-status').textContent = ''");
      await ask();
      await page.waitForSelector("#verifier:not([aria-busy]) #verifier-status:not(:empty)");
      return inPage("[document.getElementById('outcome').textContent, document.getElementById('verifier-status').textContent]");
    };
    const told = "Choose a PDF or a document that can be read.";
    // As of a folder, or of a file that was moved away.
    await inPage("File.prototype.arrayBuffer = () => Promise.reject(new Error('not there'))");
    expect(await left(() => page.click("#verifier button"))).toEqual(["", told]);
    expect(await left(() => drop([text]))).toEqual(["", told]);
    await inPage("delete File.prototype.arrayBuffer");
  });

  test("by the keyboard alone: every field is reached, Enter verifies, and the outcome is where one goes on reading", async () => {
    await verifier.verify({ document: text, receipt, trust });
    const { page } = verifier.opened;
    await inPage("document.getElementById('document').focus()");
    const reached = [await inPage("document.activeElement.id")];
    for (let stop = 0; stop < 5; stop += 1) {
      await page.keyboard.press("Tab");
      reached.push(await inPage("document.activeElement.id || document.activeElement.tagName"));
    }
    expect(reached).toEqual(["document", "receipt", "trust", "record", "BUTTON", "language"]);
    await page.focus("#verifier button");
    expect((await verifier.outcome(() => page.keyboard.press("Enter"))).verdict).toBe("proven");
    expect(await inPage("document.activeElement.id")).toBe("verification");
  });

  test("in every language, which files and outcome outlast", async () => {
    const report = await verifier.verify({ document: text.replace("Discharge", "Dischargé"), receipt, trust });
    expect(report.verdict).toBe("false");
    for (const language of LANGUAGES) {
      await verifier.opened.page.select("#language", language);
      const locale = localeFor([language]);
      expect(await inPage("[document.documentElement.lang, document.documentElement.dir, document.querySelector('.verdict').textContent, document.getElementById('receipt').files.length]")).toEqual([language, locale.direction, locale.word("verdict-false"), 1]); // prettier-ignore
    }
    await verifier.opened.page.select("#language", "en");
    expect((await verifier.outcome(() => verifier.opened.page.click("#verifier button"))).verdict).toBe("false");
  });

  test.each(LANGUAGES)("in %s with the words that the service has", (language) => {
    const words = (of: string): ReadonlyMap<string, Words> => new Map(Object.entries(verifierWords()[of] ?? {}) as [string, Words][]);
    const brought = new Locale(words(language), language === "en" ? new Map() : words("en"));
    const checks = CHECK_NAMES.flatMap((name) =>
      (["pass", "fail", "not-confirmed", "not-made", "info", "damaged"] as const).map((result) => ({ name, result, text: "It is." })),
    );
    const page = (locale: Locale): string => {
      const outcomes = (["proven", "not-confirmed", "false", "incomplete"] as const).map((verdict) =>
        verifiedShown(
          { name: "a", result: { verdict, checks, signatures: SIGNATURE_CASES } },
          { locale, now: new Date("2026-03-01T12:00:00Z"), address: "https://documents.example.org/verify" },
        ),
      );
      const forms = (["verify-file-hint", "verify-alone-hint"] as const).map(
        (hint) => verificationMain(outcomes[0], { locale, action: undefined, hint }).main.text,
      );
      return [...outcomes.map(String), ...forms].join("\n");
    };
    expect(page(brought)).toBe(page(localeFor([language])));
  });

  test.each([390, 1440])("at %i pixels, where nothing runs out of the window and nothing is hard to reach", async (width) => {
    const { page } = verifier.opened;
    await page.setViewport({ width, height: 900 });
    for (const language of ["en", "ar"]) {
      await page.select("#language", language);
      await verifier.verify({ document: text, receipt, trust });
      expect(await inPage("document.documentElement.scrollWidth - document.documentElement.clientWidth")).toBe(0);
    }
    await page.select("#language", "en");
  });

  test("and printed, with the outcome and what it is of, and without the form", async () => {
    const { page } = verifier.opened;
    await verifier.verify({ document: text, receipt, trust });
    await page.emulateMediaType("print");
    const printed = (await inPage("document.body.innerText")) as string;
    const isSeen = (selector: string): Promise<unknown> => inPage(`document.querySelector(${JSON.stringify(selector)}).checkVisibility()`);
    expect([await isSeen("#verifier"), await isSeen("#report"), await isSeen(".checks")]).toEqual([false, false, true]);
    await page.emulateMediaType("screen");
    for (const part of ["Proven:", "Place in the log", "Trust file", "Time"]) expect(printed).toContain(part);
  });
});

describe("the verifier in a browser asks nobody", () => {
  test("whatever it verified: the page and its threads are all that was loaded", () => {
    const [own, ...threads] = verifier.opened.requests;
    expect(own).toMatch(/^file:.*verify\.html$/);
    expect(threads.length).toBeGreaterThan(10);
    expect(threads.filter((address) => !address.startsWith("blob:"))).toEqual([]);
    expect(verifier.opened.complaints).toEqual([]);
  });

  test("nor could it: its policy refuses every connection, in the page and in its thread", async () => {
    const probe = `fetch("http://127.0.0.1:9/").then(() => "sent", (fault) => String(fault))`;
    const fromThread = `new Promise((resolve) => {
      const thread = new Worker(URL.createObjectURL(new Blob(["addEventListener('securitypolicyviolation', (event) => postMessage(event.effectiveDirective)); ${probe.replaceAll('"', "'")}"])));
      thread.onmessage = ({ data }) => resolve(data);
      thread.onerror = () => resolve("not started");
    })`;
    const inItself = `new Promise((resolve) => { addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective)); ${probe}; })`;
    expect([await inPage(inItself), await inPage(fromThread)]).toEqual(["connect-src", "connect-src"]);
  });

  test("and axe-core finds nothing wrong with it", async () => {
    expect(await axeFindings(verifier.opened.page)).toEqual([]);
  });
});

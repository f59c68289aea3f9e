import { execFileSync } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs";
import { openChromium } from "../../../src/adapters/chromium/open-chromium.ts";
import { fontFacesFor } from "../../../src/adapters/fonts/font-faces.ts";
import { openFontShelf } from "../../../src/adapters/fonts/font-shelf.ts";
import { SCRIPTS } from "../../scripts.ts";
import { printStyles } from "../../../src/pipeline/render/pages/assets.ts";
import type { PdfEngine } from "../../../src/pipeline/render/pdf-engine.ts";

/** Kept between runs, so that the browser is unpacked once. */
const CACHE = path.resolve(import.meta.dirname, "../../../node_modules/.cache/chartulary");
const shelf = openFontShelf();
const options = {
  executablePath: process.env["PUPPETEER_EXECUTABLE_PATH"],
  searchPath: process.env["PATH"],
  cacheFolder: CACHE,
  fontsFor: (html: string, language: string) => fontFacesFor(html, language, shelf),
};
const furniture = { patient: 'MEYER, Anna "Änne" · 山田 · born 14-Mar-1961', document: "Discharge summary · 4f0c", language: "en" };

// The first start unpacks the browser, and the machine may be busy.

let engine: PdfEngine;

beforeAll(() => {
  engine = openChromium(options);
});

afterAll(() => engine.close());

/** Scripts whose letters stay in place: of the others pdf.js reads the shapes, and not the words that stand beside them (ActualText); see test/journeys/pdf.test.ts. */
const IN_PLACE: ReadonlySet<string> = new Set(["Armenian", "Cyrillic", "Ethiopic", "Georgian", "Greek", "Han", "Hangul", "Kana", "Latin with marks", "Tibetan"]); // prettier-ignore

const FROM_THE_RIGHT: ReadonlySet<string> = new Set(["Arabic", "Hebrew", "Thaana"]);

interface Read {
  /** Without white space, compatibility forms unfolded. */
  readonly text: string;
  readonly pages: number;
  /** Points. */
  readonly width: number;
  readonly title: unknown;
  readonly language: unknown;
  readonly isTagged: boolean;
}

async function read(pdf: Uint8Array): Promise<Read> {
  const loading = getDocument({ data: new Uint8Array(pdf), verbosity: 0 });
  const document = await loading.promise;
  const metadata = await document.getMetadata();
  const marks: unknown = await document.getMarkInfo();
  let text = "";
  let width = 0;
  for (let number = 1; number <= document.numPages; number++) {
    const page = await document.getPage(number);
    width = page.getViewport({ scale: 1 }).width;
    for (const item of (await page.getTextContent()).items) if ("str" in item) text += item.str;
  }
  const info = metadata.info as Record<string, unknown>;
  const result = {
    text: squeeze(text),
    pages: document.numPages,
    width,
    title: info["Title"],
    language: info["Language"],
    // A Map of another realm: what pdf.js gives, whatever its types say.
    isTagged: (marks as Map<string, boolean>).get("Marked") === true,
  };
  await loading.destroy();
  return result;
}

function squeeze(text: string): string {
  return text.normalize("NFKC").replace(/[\s\u2066-\u2069]+/g, "");
}

function page(body: string, style = ""): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Discharge summary</title><style>body{font-family:"Noto Sans"}${style}</style></head><body>${body}</body></html>`;
}

describe("openChromium", () => {
  test("prints A4 with title, language and tags, the patient and the page number on every page", async () => {
    const pdf = await read(await engine.render(page('<h1>One</h1><p style="break-before: page">Two</p>'), furniture));
    expect(pdf).toMatchObject({ pages: 2, title: "Discharge summary", language: "en", isTagged: true });
    expect(Math.round(pdf.width)).toBe(595);
    for (const words of ["One", "Two", "Page 1 of 2", "Page 2 of 2"]) expect(pdf.text).toContain(squeeze(words));
    expect(pdf.text.split(squeeze('MEYER, Anna "Änne" · 山田 · born 14-Mar-1961'))).toHaveLength(3);
    expect(pdf.text.split(squeeze("Discharge summary · 4f0c"))).toHaveLength(3);
  });

  test("the page's own rule decides on Letter", async () => {
    const pdf = await read(await engine.render(page("<p>Letter</p>", "@page { size: letter }"), furniture));
    expect(Math.round(pdf.width)).toBe(612);
  });

  test("every script can be read back from the PDF", async () => {
    const words = ["Żółć", "Größe ≥ 5 µg", "⅓ ☐ → ℃", "退院時サマリー 高血圧症", "出院小结 张伟", "शहद", "สรุปการจำหน่าย", ...SCRIPTS.filter(([script]) => IN_PLACE.has(script)).map(([, , line]) => line)]; // prettier-ignore
    const body = words.map((word) => `<p>${word} <b>${word}</b> <i>${word}</i></p>`).join("");
    const { text } = await read(await engine.render(page(body), furniture));
    expect(words.filter((word) => text.split(squeeze(word)).length < 4)).toEqual([]);
    expect(text).not.toContain("cannotbeprinted");
  });

  test("letters of joined scripts are whole letters, in whatever order pdf.js finds them", async () => {
    const lines = SCRIPTS.filter(([script]) => FROM_THE_RIGHT.has(script)).map(([, , line]) => line);
    const { text } = await read(await engine.render(page(lines.map((line) => `<p dir="rtl">${line}</p>`).join("")), furniture));
    expect(lines.length).toBe(FROM_THE_RIGHT.size);
    expect(lines.filter((line) => !Array.from(squeeze(line)).every((letter) => text.includes(letter)))).toEqual([]);
  });

  test("a character without a glyph is told on the page", async () => {
    const { text } = await read(await engine.render(page("<p>\u{13000}</p>"), furniture));
    expect(text).toContain("U+13000");
  });

  test("a radical is printed as what it stands for, in the page and its head, and told", async () => {
    const { text } = await read(await engine.render(page("<p lang='ja'>\u2f8e圧 80/60</p>"), { ...furniture, patient: "\u2f0a江 \u2f08志" }));
    expect(text).toContain("血圧80/60");
    expect(text).toContain("入江人志");
    expect(text).toContain("standfor:U+2F8E,U+2F0A");
    expect(text).not.toContain("cannotbeprinted");
  });

  test("a row that takes most of a sheet goes on upon the next: what stands before it is not left alone", async () => {
    const lines = Array.from({ length: 36 }, (_, at) => `<p>Finding ${at}.</p>`).join("");
    const body = `<style>${printStyles()}</style><h1>Report</h1><div style="height: 150px"></div><table><tr><td>${lines}</td></tr></table>`;
    const pdf = await engine.render(page(body), furniture);
    const loading = getDocument({ data: new Uint8Array(pdf), verbosity: 0 });
    const first = await (await (await loading.promise).getPage(1)).getTextContent();
    const words = first.items.map((item) => ("str" in item ? item.str : "")).join("");
    await loading.destroy();
    expect(words).toContain("Finding 12.");
    expect(words).not.toContain("Finding 35.");
  });

  test("a page that is too large is refused before a browser sees it", async () => {
    const small = openChromium({ ...options, limits: { maxTags: 100, maxHtmlLength: 10_000 } });
    await expect(small.render(page("<i></i>".repeat(100)), furniture)).rejects.toMatchObject({
      code: "unavailable",
      message: /too large.*more than 100 elements/,
    });
    await expect(small.render(page("x".repeat(10_000)), furniture)).rejects.toMatchObject({
      code: "unavailable",
      message: /too large.*more than 10000 characters/,
    });
    await small.close();
  });

  test("no browser: unavailable, with what was tried as the cause", async () => {
    const none = openChromium({ ...options, executablePath: "/nowhere/chromium" });
    const failure = await none.render(page(""), furniture).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "unavailable", cause: { message: /nowhere/ } });
    await none.close();
  });

  test("after close, nothing more", async () => {
    const closed = openChromium(options);
    await closed.close();
    await expect(closed.render(page(""), furniture)).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("a browser that fails", () => {
  const onLinux = process.platform === "linux" ? test : test.skip;

  onLinux("killed between two pages and in the middle of one: the PDF comes all the same", async () => {
    const own = openChromium(options);
    try {
      await own.render(page("<p>first</p>"), furniture);
      for (const pid of browsersOf(process.pid)) process.kill(pid, "SIGKILL");
      expect((await read(await own.render(page("<p>second</p>"), furniture))).text).toContain("second");
      const rendering = own.render(page(`<p>third</p>${"<table><tr><td>cell</table>".repeat(3000)}`), furniture);
      setTimeout(() => {
        for (const pid of browsersOf(process.pid)) process.kill(pid, "SIGKILL");
      }, 150);
      expect((await read(await rendering)).text).toContain("third");
    } finally {
      await own.close();
    }
  });

  test("whose turn does not come is told so, and by which limit", async () => {
    const busy = openChromium({ ...options, limits: { parallel: 1, patience: 1 }, fontsFor: () => new Promise(() => undefined) });
    busy.render(page("<p>first</p>"), furniture).catch(() => undefined);
    await expect(busy.render(page("<p>second</p>"), furniture)).rejects.toMatchObject({
      code: "unavailable",
      message: /turn did not come in time: one is made/,
    });
    await busy.close();
  });

  test("a large page leaves a turn for small ones", async () => {
    const begun: string[] = [];
    const fontsFor = (html: string): Promise<never> => (begun.push(/<p>(\w+)/.exec(html)?.[1] ?? ""), new Promise(() => undefined));
    const own = openChromium({ ...options, limits: { parallel: 2, heavyTags: 100 }, fontsFor });
    const rows = "<br>".repeat(200);
    for (const html of [`<p>large${rows}`, `<p>larger${rows}`, "<p>small"]) own.render(page(html), furniture).catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun.sort()).toEqual(["large", "small"]);
    await own.close();
  });

  onLinux("a page that took too long is told so, and refused at once for a while", async () => {
    let begun = 0;
    const own = openChromium({
      ...options,
      limits: { timeLimit: 1 },
      fontsFor: () => ((begun += 1), Promise.resolve({ css: "", missing: [] })),
    });
    const late = { code: "unavailable", message: /more than the 0\.001 s that one may take to print/, retryAfter: 60 };
    for (let time = 0; time < 3; time += 1) await expect(own.render(page("<p>slow</p>"), furniture)).rejects.toMatchObject(late);
    expect(begun).toBe(1);
    await expect(own.render(page("<p>other</p>"), furniture)).rejects.toMatchObject(late);
    expect(begun).toBe(2);
    await own.close();
  });

  onLinux("a page that takes too long is given up, and close leaves no process behind", async () => {
    const own = openChromium({ ...options, limits: { timeLimit: 1 } });
    const before = browsersOf(process.pid);
    await expect(own.render(page("<table><tr><td>cell</table>".repeat(5000)), furniture)).rejects.toMatchObject({ code: "unavailable" });
    await own.close();
    expect(browsersOf(process.pid).filter((pid) => !before.includes(pid))).toEqual([]);
  });
});

/** Process ids of the browsers that this process started. */
function browsersOf(parent: number): number[] {
  const lines = execFileSync("ps", ["-o", "pid=,ppid=,args=", "-A"], { encoding: "utf8" }).split("\n");
  return lines.flatMap((line) => {
    const [, pid, ppid, program = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return Number(ppid) === parent && /remote-debugging-pipe/.test(program) ? [Number(pid)] : [];
  });
}

describe("nothing is fetched", () => {
  let server: Server;
  const asked: string[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.end("x");
    });
    server.on("connection", () => asked.push("connection"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });

  afterAll(() => new Promise((resolve) => server.close(resolve)));

  test("neither images, styles, frames, fonts nor hints; no script runs", async () => {
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const hostile = `
      <link rel="stylesheet" href="${at}/style"><link rel="preconnect" href="${at}"><link rel="preload" as="image" href="${at}/preload">
      <style>@import "${at}/import"; @font-face { font-family: x; src: url(${at}/font) } p { font-family: x, "Noto Sans"; background: url(${at}/background) }</style>
      <p>words</p><img src="${at}/image" alt="alternative"><iframe src="${at}/frame"></iframe><object data="${at}/object"></object>
      <embed src="${at}/embed"><video src="${at}/video" poster="${at}/poster"></video><iframe src="file:///etc/passwd"></iframe>
      <svg><image href="${at}/svg"/></svg><meta http-equiv="refresh" content="0;url=${at}/refresh">
      <script>document.body.textContent = "script"; fetch("${at}/script")</script><img src="x" onerror="fetch('${at}/onerror')">`;
    const { text } = await read(await engine.render(page(hostile), furniture));
    expect(text).toContain("words");
    expect(text).not.toContain("root:");
    expect(text).not.toContain("script");
    expect(asked).toEqual([]);
  });
});

describe("a long name in the head of a page", () => {
  const MILLIMETRE = 72 / 25.4;
  const [MARGIN, SIDES, CODE] = [22 * MILLIMETRE, 16 * MILLIMETRE, 19 * MILLIMETRE];
  const german = "Vorläufig, Eingeschränkt, Stand: Protokollgröße 123456 · VON HOHENLOHE-WALDENBURG-SCHILLINGSFÜRST, Maria Theresia Anna-Katharina Wilhelmine Friederike Hubertus · geb. 01-Jan-1970 (56 J.) · weiblich · NHS 987 654 3210"; // prettier-ignore
  const arabic = "أولي، مقيّد · بن عبد الرحمن بن محمد بن إبراهيم آل الشيخ عبد الله محمد الأمين عبد الرحمن أبو بكر الصديق نور الدين الأستاذ الدكتور · أنثى · 123456789012345"; // prettier-ignore
  const unbroken = `${"Mallory".repeat(20)} · born 14-Mar-1961`;

  test.each([
    ["de", german],
    ["ar", german],
    ["ar", arabic],
    ["en", arabic],
    ["en", unbroken],
    ["ar", unbroken],
  ])("stands whole beside the code, upon the paper (%s, %#)", async (headLanguage, patient) => {
    const address = "https://documents.example.org/documents/30937f05-6141-4f1e-8a5c-33dedaf8ca1d/verify";
    const pdf = await engine.render("<!doctype html><title>t</title><p>x</p>", { ...furniture, patient, headLanguage, address });
    const loading = getDocument({ data: new Uint8Array(pdf), verbosity: 0 });
    const page = await (await loading.promise).getPage(1);
    const { width, height } = page.getViewport({ scale: 1 });
    const items = (await page.getTextContent()).items.flatMap((item) => ("str" in item && item.str.trim() !== "" ? [item] : []));
    const head = items.filter(({ transform }) => Number(transform[5]) > height - MARGIN);
    await loading.destroy();
    const [left, right] = headLanguage === "ar" ? [SIDES + CODE, width - SIDES] : [SIDES, width - SIDES - CODE];
    for (const { str, transform, width: length, height: size } of head) {
      const [x, y] = [Number(transform[4]), Number(transform[5])];
      expect([str, x >= left - 0.5, x + length <= right + 0.5, y + size <= height - 2 * MILLIMETRE]).toEqual([str, true, true, true]);
    }
    const letters = (text: string): string => [...text.normalize("NFKC").replace(/[\s\p{Cf}]/gu, "")].sort().join("");
    expect(letters(head.map(({ str }) => str).join(""))).toBe(letters(patient));
  });
});

import { beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKeyFolder } from "../../../src/adapters/keys/key-folder.ts";
import { checkSignature } from "../../../src/core/cms/check-signature.ts";
import { makeSignature } from "../../../src/core/cms/make-signature.ts";
import type { Keys } from "../../../src/core/crypto/keys.ts";
import { formatTrust, trustOf } from "../../../src/core/formats/trust.ts";
import { finishPdf } from "../../../src/pipeline/pdf/finish-pdf.ts";
import type { PdfAttachment } from "../../../src/pipeline/pdf/pdf-facts.ts";
import { signatureRanges } from "../../../src/pipeline/pdf/signature-field.ts";
import { signaturePlaceholder, signPdf } from "../../../src/pipeline/pdf/sign-pdf.ts";
import { verifyPdf } from "../../../src/pipeline/verify/verify-pdf.ts";
import { R4 } from "../../r4.ts";
import { FACTS, pdfOf, printed, streamOf } from "../pdf/printed.ts";

let keys: Keys;
let strangers: Keys;
let trust: Uint8Array;
let signed: Buffer;

beforeAll(async () => {
  [keys, strangers] = await Promise.all([newKeys(), newKeys()]);
  trust = Buffer.from(formatTrust(trustOf(keys)));
  signed = await made(keys);
});

async function newKeys(): Promise<Keys> {
  const folder = mkdtempSync(join(tmpdir(), "chartulary-pdf-"));
  const opened = await openKeyFolder(join(folder, "keys"));
  rmSync(folder, { recursive: true });
  return opened;
}

async function made({ seal }: Pick<Keys, "seal">, attachments: readonly PdfAttachment[] = FACTS.attachments): Promise<Buffer> {
  const finished = finishPdf(printed(), { ...FACTS, attachments, signature: signaturePlaceholder({ seal }) });
  return Buffer.from((await signPdf(finished, { seal }, new Date())).bytes);
}

/** Signed, with blanks where the moment stands. */
async function timeless({ seal }: Pick<Keys, "seal">): Promise<Buffer> {
  const file = Buffer.from(finishPdf(printed(), { ...FACTS, signature: signaturePlaceholder({ seal }) }));
  const { moment, from, to } = signatureRanges(file);
  file.fill(" ", moment, moment + "D:YYYYMMDDHHMMSSZ".length);
  const { encoded } = await makeSignature([file.subarray(0, from), file.subarray(to)], seal);
  file.write(Buffer.from(encoded).toString("hex"), from + 1, "latin1");
  return file;
}

/** The results of the lines about the PDF itself, and its verdict. */
async function told(bytes: Uint8Array, withTrust = true): Promise<string> {
  const report = await verifyPdf({ bytes, trust: withTrust ? trust : undefined, definitions: R4.definitions });
  const lines = report.checks.filter(({ name }) => name.startsWith("pdf")).map(({ name, result }) => `${name} ${result}`);
  return [...lines, report.verdict].join(", ");
}

function replaced(bytes: Buffer, from: string, to: string): Buffer {
  const at = bytes.lastIndexOf(from);
  if (at < 0) throw new Error(`there is no ${from}`);
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(to, "latin1"), bytes.subarray(at + from.length)]);
}

describe("verifyPdf", () => {
  test("a PDF as it was signed: by the trust file's repository, by another, and without a trust file", async () => {
    expect(await told(signed)).toMatch(/^pdf signature pass, pdf certificate pass/);
    expect(await told(await made(strangers))).toMatch(/^pdf signature pass, pdf certificate not-confirmed/);
    expect(await told(signed, false)).toMatch(/^pdf signature pass, pdf certificate not-confirmed/);
  });

  test("a PDF that does not say when it was signed: its certificate is called the repository's only where it is", async () => {
    const lineOf = async (bytes: Uint8Array, file: Uint8Array | undefined): Promise<string | undefined> =>
      (await verifyPdf({ bytes, trust: file, definitions: R4.definitions })).checks.find(({ name }) => name === "pdf certificate")?.text;
    expect(await lineOf(await timeless(keys), trust)).toContain("is the repository's, but the PDF does not say when it was signed");
    expect(await lineOf(await timeless(strangers), trust)).toContain("is not one that the trust file names");
    expect(await lineOf(await timeless(keys), undefined)).toContain("was not checked");
    expect(await told(await timeless(keys))).toMatch(/^pdf signature pass, pdf certificate not-confirmed/);
  });

  test("every byte counts, the signature's own among them", async () => {
    for (let at = 9; at < signed.length - 12; at += 997) {
      const altered = Buffer.from(signed);
      altered[at] = (altered[at] ?? 0) ^ 1;
      const verdict = await told(altered);
      expect([at, /pdf signature (pass|not-made)/.test(verdict) && !/pdf not-made/.test(verdict)]).toEqual([at, false]);
    }
  });

  test("every bit of the signature itself counts, also of what no signature covers", async () => {
    const { from } = signatureRanges(signed);
    const zeros = signed.indexOf("0".repeat(200), from);
    const passed: number[] = [];
    const digest = [signed.subarray(0, from), signed.subarray(signatureRanges(signed).to)];
    const encoded = Buffer.from(signed.subarray(from + 1, zeros + 200).toString("latin1"), "hex");
    expect((await checkSignature(encoded, digest)).kind).toBe("valid");
    for (let at = 0; at < encoded.length * 8; at += 1) {
      const altered = Uint8Array.from(encoded);
      altered[at >> 3] = (altered[at >> 3] ?? 0) ^ (1 << (at & 7));
      if ((await checkSignature(altered, digest)).kind === "valid") passed.push(at);
    }
    expect([zeros - from > 1_000, passed]).toEqual([true, []]);
  });

  test("what was added behind it, with a table of its own or any bytes", async () => {
    const end = /startxref\n(\d+)\n%%EOF\n$/.exec(signed.toString("latin1"))?.[1] ?? "";
    const update = `1 0 obj\n<</Type /Catalog>>\nendobj\nxref\n1 1\n${String(signed.length).padStart(10, "0")} 00000 n \ntrailer\n<</Size 99\n/Root 1 0 R\n/Prev ${end}>>\nstartxref\n${signed.length + 38}\n%%EOF\n`;
    expect(await told(Buffer.concat([signed, Buffer.from(update)]))).toBe("pdf signature fail, false");
    expect(await told(Buffer.concat([signed, Buffer.from("%more\n")]))).toBe("pdf signature fail, false");
    expect(await told(Buffer.concat([signed, Buffer.from(`startxref\n${end}\n%%EOF\n`)]))).toMatch(/^pdf signature fail.*false$/);
  });

  test("a range that leaves out more than the signature, or the wrong part", async () => {
    const [range = "", before = "", behind = "", rest = ""] =
      /\[0 (\d+) (\d+) (\d+)\] */.exec(signed.subarray(signed.lastIndexOf("/ByteRange")).toString("latin1")) ?? [];
    const ranges = [
      `[0 ${Number(before) - 9} ${behind} ${rest}]`,
      `[0 ${before} ${Number(behind) + 9} ${Number(rest) - 9}]`,
      `[0 ${before} ${behind} ${Number(rest) - 9}]`,
      `[9 ${before} ${behind} ${rest}]`,
      `[0 ${before} ${behind} ${rest} 0 0]`,
      `[0 0 0 ${signed.length}]`,
      `[0 -1 ${behind} ${rest}]`,
      "[]",
    ];
    for (const each of ranges) expect(await told(replaced(signed, range, each.padEnd(range.length)))).toMatch(/^pdf signature fail.*false$/);
  });

  test("a gap that holds more than the signature's digits", async () => {
    const zeros = "0".repeat(400);
    const at = signed.lastIndexOf(`${zeros}>`);
    const altered = Buffer.from(signed);
    altered.write("> /Evil (", at + 100, "latin1");
    expect(await told(altered)).toMatch(/false|incomplete/);
    expect(await told(altered)).not.toContain("pdf signature pass");
    // White space within, which readers pass over, is other bytes in the place of the signature's digits.
    altered.write(" ".repeat(9), at + 100, "latin1");
    expect(await told(altered)).toMatch(/^pdf signature fail.*false$/);
  });

  test("another document in its place", async () => {
    const other = await made(keys, [{ ...(FACTS.attachments[0] as PdfAttachment), content: Buffer.from('{"resourceType":"Bundle","id":"x"}') }]);
    const cms = (file: Buffer): string => /\/Contents <([0-9a-f]+)>/.exec(file.toString("latin1"))?.[1] ?? "";
    expect(await told(replaced(other, cms(other), cms(signed)))).toMatch(/^pdf signature fail.*false$/);
  });

  test("two signatures, and fields that are none", async () => {
    const field = /\/Fields \[(\d+) 0 R\]/.exec(signed.toString("latin1"))?.[0] ?? "";
    const number = /\d+/.exec(field)?.[0] ?? "";
    expect(await told(replaced(signed, field, `/Fields [${number} 0 R ${number} 0 R]`))).not.toContain("pdf signature pass");
    const two = pdfOf(["<</AcroForm <</Fields [2 0 R 2 0 R]>>>>", "<</V <</SubFilter /ETSI.CAdES.detached>>>>"]);
    expect(await told(two)).toBe("pdf signature fail, false");
  });

  test("a file within that inflates to more than it may is not taken out", async () => {
    const bomb = streamOf(Buffer.alloc(60_000_000));
    const file = pdfOf(["<</Names <</EmbeddedFiles <</Names [(document.json) 2 0 R]>>>>>>", "<</EF <</F 3 0 R>>>>", bomb]);
    expect(file.length).toBeLessThan(100_000);
    const report = await verifyPdf({ bytes: file, definitions: R4.definitions });
    expect(report.checks.at(-1)).toMatchObject({ name: "document", result: "fail", text: expect.stringContaining("larger than") });
  });

  test("two documents of one name, and one that is named but not there", async () => {
    const file = (names: string): Buffer => pdfOf([`<</Names <</EmbeddedFiles <</Names [${names}]>>>>>>`, "<</EF <</F 3 0 R>>>>", streamOf("{}")]);
    expect(await told(file("(document.json) 2 0 R (document.json) 2 0 R"))).toBe("pdf signature not-made, false");
    expect(await told(file("(document.json) 2 0 R (document.xml) 2 0 R"))).toBe("pdf signature not-made, false");
    expect(await told(file("(other.json) 2 0 R"))).toBe("pdf signature not-made, incomplete");
    expect(await told(file("(document.json) 9 0 R"))).toBe("pdf signature not-made, false");
  });

  test("one that carries no document, signed: incomplete", async () => {
    const far = await made(keys, [{ ...(FACTS.attachments[0] as PdfAttachment), content: "https://example.org/fhir/Binary/1" }]);
    expect(await told(far)).toBe("pdf signature pass, pdf certificate pass, incomplete");
  });

  test.each([
    ["nothing but its first bytes", "%PDF-"],
    ["a table that leads nowhere", "%PDF-1.4\nxref\n0 999999999\nstartxref\n9\n%%EOF\n"],
    ["a table that leads to itself", "%PDF-1.4\nxref\n0 0\ntrailer\n<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"],
    ["objects without end", `%PDF-1.4\n${"[".repeat(100_000)}\nxref\n0 0\ntrailer\n${"<</A ".repeat(100_000)}\nstartxref\n100010\n%%EOF\n`],
    ["many ends", `%PDF-1.4\n${"%%EOF\n".repeat(100_000)}`],
    ["a reference to itself", pdfOf(["1 0 R"]).toString("latin1")],
    ["a string without end", `%PDF-1.4\n${"(".repeat(1_000_000)}\nstartxref\n9\n%%EOF\n`],
  ])("%s costs no more than its length, and says nothing", async (_, text) => {
    expect(await told(Buffer.from(text, "latin1"))).toMatch(/incomplete$/);
  });
});

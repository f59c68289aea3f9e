import { createServer, type Server } from "node:http";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { build } from "esbuild";
import { openTimeAuthority } from "../../src/adapters/tsa/time-authority.ts";
import type { TimeStamper } from "../../src/core/cms/make-signature.ts";
import { parseCertificate } from "../../src/core/crypto/certificate.ts";
import type { Keys } from "../../src/core/crypto/keys.ts";
import { formatTrust, trustOf } from "../../src/core/formats/trust.ts";
import { stampLog } from "../../src/pipeline/evidence/stamp-log.ts";
import { proofOf } from "../../src/pipeline/fetch.ts";
import { receiptOf } from "../../src/pipeline/present.ts";
import { createDocumentKeys } from "../../src/pipeline/store/document-keys.ts";
import { openStampedLog } from "../pipeline/evidence/stamped-log.ts";
import { finishPdf } from "../../src/pipeline/pdf/finish-pdf.ts";
import type { PdfAttachment } from "../../src/pipeline/pdf/pdf-facts.ts";
import { signaturePlaceholder, signPdf } from "../../src/pipeline/pdf/sign-pdf.ts";
import type { VerificationReport } from "../../src/pipeline/verify/report.ts";
import { HAS_OPENSSL, openAuthority, type Authority } from "../adapters/tsa/authority.ts";
import { FACTS, printed } from "../pipeline/pdf/printed.ts";
import { testOnCases } from "../core/signatures/cases.ts";
import { signedDocuments } from "../core/signatures/signed-documents.ts";
import { idOf, receiptsOf, sampleDocument, seal, temporaryKeys, trustText } from "../pipeline/sign/deposited.ts";
import { verifyFile } from "../r4.ts";
import { openReader, type OpenPage, type Reader } from "./support/browser.ts";
import type { PageQuestion } from "./support/page-verifier.ts";
import { PROJECT_ROOT } from "./support/service.ts";

/** A page that may do nothing but run its one script and ask where it came from. */
const POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'";

let reader: Reader;
let server: Server;
let verifier: OpenPage;
let keys: Keys;
let trust: string;
let script: string;
let authority: Authority | undefined;

beforeAll(async () => {
  const entry = join(PROJECT_ROOT, "test/journeys/support/page-verifier.ts");
  // As any bundler does for a browser: by `browser` of package.json.
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, write: false, format: "esm", platform: "browser", target: "es2022" });
  script = outputFiles[0]?.text ?? "";
  const definitions = readFileSync(join(PROJECT_ROOT, "src/core/fhir/r4/definitions.json"));
  server = createServer(({ url }, answer) => {
    const [type, body] = { "/verifier.js": ["text/javascript", script] as const, "/definitions.json": ["application/json", definitions] as const }[
      url ?? ""
    ] ?? ["text/html", '<!doctype html><title>Verify</title><script type="module" src="/verifier.js"></script>'];
    answer.writeHead(200, { "Content-Type": `${type}; charset=utf-8`, "Content-Security-Policy": POLICY }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  reader = await openReader();
  verifier = await reader.open(`http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/`);
  await verifier.page.waitForFunction("globalThis.verifyAll !== undefined");
  // From here on there is no network.
  await verifier.page.setOfflineMode(true);
  keys = await temporaryKeys();
  trust = trustText(keys);
});

afterAll(async () => {
  await reader.close();
  await authority?.close();
  server.close();
});

/** Stamps by an authority of OpenSSL's, which nobody trusts. */
async function tokenMaker(): Promise<TimeStamper> {
  authority = await openAuthority();
  const fault = (reason: string): never => {
    throw new Error(reason);
  };
  return openTimeAuthority({ url: authority.url, anchors: [parseCertificate(authority.issuer)], onFault: fault });
}

const question = (bytes: Uint8Array | string, more: Omit<PageQuestion, "bytes"> = {}): PageQuestion => ({
  bytes: Buffer.from(bytes).toString("base64"),
  ...more,
});

/** Asks the page; all of it must be what Node says, word for word. */
async function sameAsNode(questions: readonly PageQuestion[]): Promise<VerificationReport[]> {
  const given = (await verifier.page.evaluate(`verifyAll(${JSON.stringify(questions)})`)) as VerificationReport[];
  const expected: unknown[] = [];
  const utf8 = (text: string | undefined) => (text === undefined ? undefined : new TextEncoder().encode(text));
  for (const { bytes, receipt, trust: file } of questions)
    expected.push(await verifyFile({ bytes: new Uint8Array(Buffer.from(bytes, "base64")), receipt: utf8(receipt), trust: utf8(file) }));
  // Where no receipt tells when it was received it is now, by the clock of whoever verifies.
  const timeless = (reports: unknown): unknown =>
    JSON.parse(
      JSON.stringify(reports, (_, value: { readonly basis?: string; readonly at?: string } | null) =>
        value?.basis === "received" ? { ...value, at: "received" } : value,
      ),
    );
  expect(timeless(given)).toEqual(timeless(expected));
  return given;
}

describe("in a page that has no network, the verifier", () => {
  test("was given no part of Node", () => {
    expect(script.length).toBeGreaterThan(100_000);
    expect(script).not.toMatch(/\bnode:|\bBuffer\.(from|alloc|concat)|\bprocess\.|\brequire\(/);
  });

  test("proves what was deposited, and finds every alteration of document, receipt and trust file", async () => {
    const texts = ["urn:uuid:1", "urn:uuid:2", "urn:uuid:3"].map((value) => sampleDocument(value));
    const sealed = [];
    for (const [at, text] of texts.entries()) sealed.push(await seal(text, idOf(at), keys));
    const receipts = await receiptsOf(sealed, keys);
    const [text = "", receipt = ""] = [texts[1], receipts[1]];
    const fields = JSON.parse(receipt) as { leaf: string; checkpoint: string; inclusionProof: string[] };
    const altered = (change: object): string => JSON.stringify({ ...fields, ...change });
    const reports = await sameAsNode([
      question(text, { receipt, trust }),
      question(text, { receipt }),
      question(text, { trust }),
      question(text.replace("Discharge", "Dischargé"), { receipt, trust }),
      question(JSON.stringify(JSON.parse(text), undefined, 7), { receipt, trust }),
      question(text, { receipt: receipts[2], trust }),
      question(text, { receipt: altered({ inclusionProof: fields.inclusionProof.toReversed() }), trust }),
      question(text, { receipt: altered({ checkpoint: fields.checkpoint.replace(/.{9}\n$/, "AAAAAAAA\n") }), trust }),
      question(text, { receipt: altered({ leaf: fields.leaf.replace("2026", "2025") }), trust }),
      question(text, { receipt, trust: trustText(await temporaryKeys()) }),
      question(text, { receipt, trust: trust.replace("BEGIN", "BEGAN") }),
      question(`\u{feff}${text}`, { receipt, trust }),
      question(Uint8Array.from([0xff, 0xfe, 0x7b]), { receipt, trust }),
      question("", { receipt, trust }),
    ]);
    expect(reports.map(({ verdict }) => verdict)).toEqual([
      "proven",
      "not-confirmed",
      "incomplete",
      "false",
      "proven",
      "false",
      "false",
      "false",
      "false",
      "false",
      "incomplete",
      "proven",
      "false",
      "false",
    ]);
  });

  test("proves a PDF of a document, and finds every alteration of it, also in what lies within", async () => {
    const text = sampleDocument("urn:uuid:4");
    const [receipt = ""] = await receiptsOf([await seal(text, idOf(4), keys)], keys);
    const within = (name: string, content: string): PdfAttachment => ({
      name,
      mediaType: "application/json",
      content: Buffer.from(content),
      description: name,
      relationship: "Data",
    });
    const pdf = async (files: readonly PdfAttachment[], stamp?: TimeStamper): Promise<Buffer> => {
      const signer = { seal: keys.seal, stamp };
      const finished = finishPdf(printed(), { ...FACTS, attachments: files, signature: signaturePlaceholder(signer) });
      return Buffer.from((await signPdf(finished, signer, new Date())).bytes);
    };
    const whole = await pdf([within("document.json", text), within("receipt.json", receipt)]);
    const flipped = (at: number): Buffer => Buffer.from(whole.map((byte, place) => (place === at ? byte ^ 1 : byte)));
    const other = await pdf([within("document.json", text.replace("Discharge", "Dischargé")), within("receipt.json", receipt)]);
    const bomb = await pdf([within("document.json", " ".repeat(11_000_000)), within("receipt.json", receipt)]);
    const token = HAS_OPENSSL ? await tokenMaker() : undefined;
    const reports = await sameAsNode([
      question(whole, { trust }),
      question(whole),
      question(other, { trust }),
      question(bomb, { trust }),
      question(Buffer.concat([whole, Buffer.from("%\n")]), { trust }),
      question(whole, { trust: trustText(await temporaryKeys()) }),
      question(await pdf([within("document.json", text)]), { trust }),
      question(await pdf([within("document.json", text)]), { trust, receipt }),
      question("%PDF-1.4\n", { trust }),
      ...Array.from({ length: 40 }, (_, at) => question(flipped(9 + Math.floor((at * (whole.length - 20)) / 40)), { trust })),
      ...(token ? [question(await pdf([within("document.json", text)], token), { trust, receipt })] : []),
    ]);
    expect(reports.slice(0, 9).map(({ verdict }) => verdict)).toEqual(
      ["proven", "not-confirmed", "false", "false", "false", "false", "incomplete", "proven", "incomplete"], // prettier-ignore
    );
    for (const { verdict } of reports.slice(9, 49)) expect(verdict).toMatch(/^(false|incomplete)$/);
    if (token)
      expect(reports.at(-1)).toMatchObject({
        verdict: "not-confirmed",
        checks: expect.arrayContaining([expect.objectContaining({ name: "pdf time", result: "not-confirmed" })]),
      });
  });

  test("says of signatures by every kind of key what Node says", async () => {
    const signed = signedDocuments();
    const withSigner = (signer: string): string => trust.replace('"signers": []', () => `"signers": [${JSON.stringify(signer)}]`);
    const reports = await sameAsNode(
      signed.flatMap(({ text, signer }) => [
        question(text, { trust: withSigner(signer) }),
        question(text.replace("Discharge", "Dischargé"), { trust: withSigner(signer) }),
        question(text),
      ]),
    );
    // Without the receipt the whole is incomplete; the signature is what is compared.
    const proven = reports.filter(({ signatures: [own] }) => own?.signer === "valid" && own.content === "valid").length;
    expect(proven).toBe(signed.filter(({ isUsual }) => isUsual).length);
  });

  test.each(["documents/valid", "documents/broken", "hostile/accepted", "hostile/refused"])("says of fixtures/%s what Node says", async (folder) => {
    const path = join(PROJECT_ROOT, "fixtures", folder);
    const names = readdirSync(path, { recursive: true, encoding: "utf8" }).filter((name) => /\.(json|xml)$/.test(name));
    expect(names.length).toBeGreaterThan(5);
    const signer = readFileSync(join(PROJECT_ROOT, "fixtures/trust/haldane-iqbal.pem"), "utf8");
    const file = trust.replace('"signers": []', () => `"signers": [${JSON.stringify(signer)}]`);
    for (const name of names) await sameAsNode([question(readFileSync(join(path, name)), { trust: file })]);
  });

  testOnCases("signatures", "says of other people's signed documents what Node says", async (read) => {
    for (const name of ["bundle-signed-good.json", "example-1.json", "bundle-sign-xml.xml"]) {
      const [report] = await sameAsNode([question(read(name), { trust })]);
      expect(report?.signatures[0]?.form).toBe(name.endsWith("xml") ? "xml-dsig" : "jws");
    }
  });

  (HAS_OPENSSL ? test : test.skip)("says by when the log held a document, through a renewal, as Node does", async () => {
    const log = await openStampedLog();
    const own = await openAuthority();
    const id = await log.deposit();
    await stampLog(log.by(own));
    await log.deposit();
    await stampLog(log.by(own));
    const proven = await proofOf(id, { store: log.store, documentKeys: createDocumentKeys(log.keys, log.wrappedKeys) });
    const receipt = await receiptOf(proven, { store: log.store, evidence: log.book });
    const file = formatTrust(trustOf(log.keys, [], [parseCertificate(own.issuer)]));
    const [report] = await sameAsNode([
      question(log.bodies.get(id) ?? "", { receipt, trust: file }),
      question(log.bodies.get(id) ?? "", { receipt: receipt.replace(/"token": "([^"]{99})./g, '"token": "$1!'), trust: file }),
    ]);
    expect(report?.checks.find(({ name }) => name === "time")).toMatchObject({ result: "pass", text: expect.stringContaining("renewals") });
    await log.close();
    await own.close();
  });

  test("asks for nothing more, and has nothing to complain of", () => {
    expect(verifier.requests.map((address) => new URL(address).pathname)).toEqual(["/", "/verifier.js", "/definitions.json"]);
    expect(verifier.complaints).toEqual([]);
  });
});

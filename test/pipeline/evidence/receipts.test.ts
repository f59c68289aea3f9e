/** What a receipt proves about time, offline: by one authority, by renewals when authorities have ended, and what it does not prove. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseCertificate } from "../../../src/core/crypto/certificate.ts";
import { formatReceipt, parseReceipt } from "../../../src/core/formats/receipt.ts";
import { parseTrust, trustOf, formatTrust, type Trust } from "../../../src/core/formats/trust.ts";
import { evidenceFor } from "../../../src/pipeline/evidence/evidence-for.ts";
import { stampLog } from "../../../src/pipeline/evidence/stamp-log.ts";
import { proofOf } from "../../../src/pipeline/fetch.ts";
import { receiptOf } from "../../../src/pipeline/present.ts";
import { createDocumentKeys } from "../../../src/pipeline/store/document-keys.ts";
import { HAS_OPENSSL, openAuthority, type Authority } from "../../adapters/tsa/authority.ts";
import { verifyFile } from "../../r4.ts";
import { openStampedLog, type StampedLog } from "./stamped-log.ts";

const judged = HAS_OPENSSL ? describe : describe.skip;
const DAY = 24 * 3_600_000;

judged(`time-stamps in receipts${HAS_OPENSSL ? "" : " (not judged: there is no OpenSSL)"}`, () => {
  let authority: Authority;
  let longer: Authority;
  let log: StampedLog;
  beforeAll(async () => {
    authority = await openAuthority();
    longer = await openAuthority({ days: 3_000 });
  });
  afterAll(async () => {
    await authority.close();
    await longer.close();
  });
  beforeEach(async () => {
    log = await openStampedLog();
  });
  afterEach(() => log.close());

  const receipt = async (id: string): Promise<string> => {
    const { keys, store, wrappedKeys, book } = log;
    return receiptOf(await proofOf(id, { store, documentKeys: createDocumentKeys(keys, wrappedKeys) }), { store, evidence: book });
  };
  const trust = (...authorities: readonly Authority[]): Trust => trustOf(log.keys, [], authorities.map(({ issuer }) => parseCertificate(issuer))); // prettier-ignore
  const lines = async (text: string, id: string, { by, now }: { readonly by?: Trust; readonly now?: Date } = {}): Promise<string[]> => {
    const { checks } = await verifyFile({
      bytes: Buffer.from(log.bodies.get(id) ?? ""),
      receipt: Buffer.from(text),
      ...(by && { trust: Buffer.from(formatTrust(by)) }),
      ...(now && { now }),
    });
    return checks.filter(({ name }) => name === "time").map(({ result, text: said }) => `${result}: ${said}`);
  };
  const years = (count: number): Date => new Date(Date.now() + count * 365 * DAY);

  test("a document was there by the time of the first time-stamp that covers it; each character counts", async () => {
    const id = await log.deposit();
    expect(await lines(await receipt(id), id, { by: trust(authority) })).toEqual([]);
    const first = await stampLog(log.by(authority));
    await log.deposit();
    await stampLog(log.by(authority));
    const text = await receipt(id);
    const by = trust(authority);
    expect(await lines(text, id, { by })).toEqual([
      expect.stringMatching(`^pass: The log held this entry by ${first!.stampedAt}: Clock 1, .* and the newest of 1 renewals, by Clock 1`),
      "info: The certificate of the seal was valid at that time.",
    ]);
    expect(await lines(text, id)).toEqual([expect.stringMatching(/^info: .* proves nothing: .*--trust/)]);
    expect(await lines(text, id, { by: trust(longer) })).toEqual([expect.stringMatching(/^info: .* proves nothing: the trust file names no/)]);
    const { evidence } = parseReceipt(text);
    expect(evidence).toHaveLength(2);
    const altered = (change: (link: (typeof evidence)[number], at: number) => Partial<(typeof evidence)[number]>): string =>
      formatReceipt({ ...parseReceipt(text), evidence: evidence.map((link, at) => ({ ...link, ...change(link, at) })) });
    const deeds = [
      altered(({ stamped }) => ({ stamped: stamped.replace("1\n", "2\n") })),
      altered(({ token }) => ({ token: token.map((byte, at) => (at === token.length - 1 ? byte ^ 1 : byte)) })),
      altered(({ inclusionProof }) => ({ inclusionProof: [...inclusionProof, new Uint8Array(32)] })),
      altered(({ entry }) => ({ entry: { ...entry, index: entry.index + 1 } })),
      altered((_, at) => ({ token: evidence[1 - at]!.token })),
      altered(() => ({ entry: { ...evidence[0]!.entry, leaf: new TextEncoder().encode(new TextDecoder().decode(evidence[0]!.entry.leaf).replace(/tokenDigest":"sha256:./, 'tokenDigest":"sha256:x')) } })), // prettier-ignore
    ];
    for (const deed of deeds) expect(await lines(deed, id, { by })).toEqual([expect.stringMatching(/^fail/)]);
    // A receipt of another document proves nothing of this one; without time-stamps it is what it was.
    const { evidence: _, ...plain } = parseReceipt(text);
    expect(await lines(formatReceipt(plain), id, { by })).toEqual([]);
  });

  test("a seal whose key was ended afterwards stays proven: by its place in the log, and by who had seen it before", async () => {
    const id = await log.deposit();
    const made = await stampLog(log.by(authority));
    const text = await receipt(id);
    const whole = trust(authority);
    const ended = (since: Date, before: number, by = whole): Trust => ({
      ...by,
      seals: by.seals.map((seal) => ({ ...seal, isCurrent: false, ended: { since, before, reason: "the token was stolen" } })),
    });
    const sealLines = async (by: Trust, receiptText = text): Promise<string[]> => {
      const bytes = Buffer.from(log.bodies.get(id) ?? "");
      const { checks, verdict } = await verifyFile({ bytes, receipt: Buffer.from(receiptText), trust: Buffer.from(formatTrust(by)) });
      return [verdict, ...checks.filter(({ name }) => name.startsWith("seal")).map(({ result, text: said }) => `${result}: ${said}`)];
    };
    const later = new Date(Date.now() + 60_000);
    const [sound, told, own] = await sealLines(ended(later, 2));
    expect([sound, own]).toEqual(["proven", "pass: The seal's certificate is the repository's and was valid when it was made."]);
    expect(told).toContain("(the token was stolen), and it is shown to be from before that by its place in the log and by Clock 1, who saw it at");
    // Where the log's order does not tell, the time-stamp alone does; of an authority that nobody vouches for, or that saw it afterwards, it does not.
    const [stamped, byStamp] = await sealLines(ended(later, 0));
    expect([stamped, byStamp]).toEqual(["proven", expect.stringContaining(`from before that by Clock 1, who saw it at ${made!.stampedAt}`)]);
    expect((await sealLines(ended(later, 0, trust(longer))))[0]).toBe("not-confirmed");
    const early = new Date(Date.parse(made!.stampedAt) - 1);
    expect((await sealLines(ended(early, 0)))[0]).toBe("not-confirmed");
    // A tree of one's own can be stamped by anybody, and a key that was stolen later seals what is in it: only what the log signed counts.
    const { evidence: [link], ...rest } = parseReceipt(text); // prettier-ignore
    const [head = "", signature = ""] = (link?.stamped ?? "").split("\n\n");
    const unsigned = `${head}\n\n${signature.replace(/.{6}\n?$/, "AAAA=\n")}`;
    const token = await log.by(authority).stamp(new TextEncoder().encode(unsigned));
    const forged = formatReceipt({ ...rest, evidence: [{ ...link!, stamped: unsigned, token: token! }] });
    const [verdict] = await sealLines(ended(later, 0), forged);
    expect(verdict).toBe("not-confirmed");
  });

  test("thirty years: what an ended authority said counts by the renewal that was made before, and not otherwise", async () => {
    const id = await log.deposit();
    const first = await stampLog(log.by(authority));
    // Alone it is proved as long as its certificates are good: a year.
    expect(await lines(await receipt(id), id, { by: trust(authority) })).toEqual([expect.stringMatching(/^pass/), expect.anything()]);
    expect(await lines(await receipt(id), id, { by: trust(authority), now: years(2) })).toEqual([
      expect.stringMatching(/^info: .* proves nothing: .* was good until .*, and nothing had renewed it by then/),
    ]);
    await log.deposit();
    const second = await stampLog(log.by(longer));
    const text = await receipt(id);
    const by = trust(authority, longer);
    expect(await lines(text, id, { by, now: years(5) })).toEqual([
      expect.stringMatching(`^pass: The log held this entry by ${first!.stampedAt}: Clock 1, .* renewals`),
      expect.stringMatching(/valid at that time/),
    ]);
    // Who has no trust in the first has it by the second, at its time.
    expect(await lines(text, id, { by: trust(longer), now: years(5) })).toEqual([
      expect.stringMatching(`^pass: The log held this entry by ${second!.stampedAt}`),
      expect.anything(),
      expect.stringMatching(`^info: An earlier time-stamp says ${first!.stampedAt}, by Clock 1, which is proved no more: the trust file names no`),
    ]);
    expect(await lines(text, id, { by, now: years(20) })).toEqual([expect.stringMatching(/^info: .* proves nothing/)]);
  });

  test("a time-stamp whose authority was revoked before it was renewed is told as such, by what the trust file knows", async () => {
    const id = await log.deposit();
    await stampLog(log.by(authority));
    const text = await receipt(id);
    const revoke = (reason: string): Trust => {
      const openssl = (...words: string[]): string => {
        const { status, stdout, stderr } = spawnSync("openssl", words, { cwd: authority.folder, encoding: "utf8" });
        if (status !== 0) throw new Error(stderr);
        return stdout;
      };
      writeFileSync(join(authority.folder, "index.txt"), "");
      writeFileSync(join(authority.folder, "crl.conf"), "[ca]\ndefault_ca=here\n[here]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\n");
      writeFileSync(join(authority.folder, "number"), "01\n");
      const about = ["-config", "crl.conf", "-keyfile", "ca.key", "-cert", "ca.pem"];
      openssl("ca", ...about, "-revoke", "tsa.pem", "-crl_reason", reason);
      openssl("ca", ...about, "-gencrl", "-crldays", "30", "-out", "list.pem");
      openssl("crl", "-in", "list.pem", "-outform", "DER", "-out", "list.der");
      const list = spawnSync("base64", ["-w0", "list.der"], { cwd: authority.folder, encoding: "utf8" }).stdout;
      return parseTrust(formatTrust(trust(authority)).replace(/"timeAuthorities"/, `"revocations": ["${list}"], "timeAuthorities"`));
    };
    const later = new Date(Date.now() + 60_000);
    expect(await lines(text, id, { by: revoke("keyCompromise"), now: later })).toEqual([expect.stringMatching(/^info: .* proves nothing: the certificate of Clock 1 was revoked on/)]); // prettier-ignore
    // Which says nothing against what it stamped before.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await lines(text, id, { by: revoke("superseded"), now: later })).toEqual([expect.stringMatching(/^pass/), expect.anything()]);
  });

  const tools = ["bash", "jq", "openssl", "basenc", "perl", "xxd"].every((tool) => spawnSync(tool, ["--version"]).error === undefined);
  (tools ? test : test.skip)("the lines of docs/formats.md say the same, by hand", async () => {
    const id = await log.deposit();
    await stampLog(log.by(authority));
    await log.deposit();
    await stampLog(log.by(longer));
    const at = (name: string): string => join(log.folder, name);
    const [, steps = ""] = /## Verifying by hand[^]*?```sh\n([^]*?)```/.exec(readFileSync("docs/formats.md", "utf8")) ?? [];
    const byHand = (text: string): string[] => {
      writeFileSync(at("document.json"), log.bodies.get(id) ?? "");
      writeFileSync(at("record.json"), "{}");
      writeFileSync(at("receipt.json"), text);
      writeFileSync(at("trust.json"), formatTrust(trust(authority, longer)));
      // Up to the step about time-stamps: what follows is about other files.
      const { stdout } = spawnSync("bash", ["-c", steps.slice(0, steps.indexOf("\n# 10. "))], { cwd: log.folder, encoding: "utf8" });
      const lines = stdout.trim().split("\n");
      return lines.slice(lines.findIndex((line) => line.startsWith("Verification:"))).map((line) => line.replace(/^sha256:| +token$/g, ""));
    };
    const text = await receipt(id);
    const said = byHand(text);
    expect(said).toHaveLength(12);
    for (const from of [0, 6]) {
      expect(said[from]).toBe("Verification: OK");
      expect(said[from + 1]).toMatch(/^Time stamp: /);
      expect([said[from + 2], said[from + 4]]).toEqual([said[from + 3], said[from + 5]]);
    }
    const other = byHand(text.replace(/("stamped": "[^"]*?\\n)[0-9]+/, (_, before: string) => `${before}7`));
    expect(other[0]).not.toBe("Verification: OK");
  });

  test("a receipt has few of many, and none where what is kept of them is damaged", async () => {
    const id = await log.deposit();
    for (let at = 0; at < 5; at += 1) {
      await stampLog(log.by(authority));
      await log.deposit();
    }
    const { evidence } = parseReceipt(await receipt(id));
    expect(evidence.map(({ entry }) => entry.index)).toEqual([1, 9]);
    const broken = { claimed: log.store.claimed.bind(log.store), evidence: () => Promise.resolve(new Uint8Array(3)) };
    const { EvidenceBook } = await import("../../../src/pipeline/evidence/evidence-book.ts");
    expect(await evidenceFor({ leaf: new Uint8Array(), index: 0 }, { book: new EvidenceBook(broken), store: log.store })).toEqual([]);
  });
});

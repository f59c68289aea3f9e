/** The log hashed anew by SHA-512: what a receipt then proves where SHA-256 no longer does, going on after an end, and what it does not prove. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openTimeAuthority } from "../../../src/adapters/tsa/time-authority.ts";
import { parseCertificate } from "../../../src/core/crypto/certificate.ts";
import { formatReceipt, parseReceipt } from "../../../src/core/formats/receipt.ts";
import { RUN } from "../../../src/core/formats/renewal.ts";
import { formatTrust, trustOf } from "../../../src/core/formats/trust.ts";
import { hashAnew, type HashingAnew } from "../../../src/pipeline/evidence/hash-anew.ts";
import { stampLog } from "../../../src/pipeline/evidence/stamp-log.ts";
import { proofOf } from "../../../src/pipeline/fetch.ts";
import { receiptOf } from "../../../src/pipeline/present.ts";
import { createDocumentKeys } from "../../../src/pipeline/store/document-keys.ts";
import { HAS_OPENSSL, openAuthority, type Authority } from "../../adapters/tsa/authority.ts";
import { R4, verifyFile } from "../../r4.ts";
import { openStampedLog, type StampedLog } from "./stamped-log.ts";

const judged = HAS_OPENSSL ? describe : describe.skip;
const DAY = 24 * 3_600_000;

judged(`the log hashed anew${HAS_OPENSSL ? "" : " (not judged: there is no OpenSSL)"}`, () => {
  let authority: Authority;
  let strong: Authority;
  let log: StampedLog;
  beforeAll(async () => {
    authority = await openAuthority();
    strong = await openAuthority({ digest: "sha512", days: 3_000 });
  });
  afterAll(async () => {
    await authority.close();
    await strong.close();
  });
  beforeEach(async () => {
    log = await openStampedLog();
  });
  afterEach(() => log.close());

  const hashing = (by: Authority, more: Partial<HashingAnew> = {}): HashingAnew => {
    const { keys, store, wrappedKeys, book } = log;
    const onFault = (reason: string): never => {
      throw new Error(reason);
    };
    const anchors = [parseCertificate(by.issuer)];
    const stamp = openTimeAuthority({ url: by.url, anchors, onFault, limits: { rest: 0 }, hash: "sha512" });
    const documentKeys = createDocumentKeys(keys, wrappedKeys);
    return { ...log.by(by), stamp, book: book.anew, store, documentKeys, definitions: R4.definitions, onFault, ...more };
  };
  const receipt = async (id: string): Promise<string> => {
    const { keys, store, wrappedKeys, book } = log;
    return receiptOf(await proofOf(id, { store, documentKeys: createDocumentKeys(keys, wrappedKeys) }), { store, evidence: book });
  };
  const lines = async (text: string, id: string, { now, body = log.bodies.get(id) ?? "" }: { readonly now?: Date; readonly body?: string } = {}) => {
    const trust = trustOf(
      log.keys,
      [],
      [authority, strong].map(({ issuer }) => parseCertificate(issuer)),
    );
    const files = { bytes: Buffer.from(body), receipt: Buffer.from(text), trust: Buffer.from(formatTrust(trust)) };
    const { checks } = await verifyFile({ ...files, ...(now && { now }) });
    return checks.filter(({ name, text: said }) => name === "time" && said.includes("SHA-512")).map(({ result, text: said }) => `${result}: ${said}`);
  };

  test("proves a document with the time-stamps of before; each character counts", async () => {
    const ids = [await log.deposit(), await log.deposit()];
    const first = await stampLog(log.by(authority));
    const made = await hashAnew(hashing(strong));
    expect(made).toMatchObject({ number: 0, size: 3, authority: "Clock 1" });
    const [id = ""] = ids;
    const text = await receipt(id);
    expect(await lines(text, id)).toEqual([
      expect.stringMatching(
        `^pass: .*with the time-stamp of ${first!.stampedAt} by Clock 1: Clock 1 time-stamped it at ${made!.stampedAt}\\. From then on`,
      ),
    ]);
    const read = parseReceipt(text);
    const [link] = read.renewals ?? [];
    expect(link?.items.map(({ index }) => index)).toEqual([0, 2]);
    const altered = (change: Partial<NonNullable<typeof link>>): string => formatReceipt({ ...read, renewals: [{ ...link!, ...change }] });
    const [own, stamp] = link!.items as [(typeof link & object)["items"][number], (typeof link & object)["items"][number]];
    const otherReceipt = parseReceipt(await receipt(ids[1] ?? ""));
    const deeds = [
      altered({ stamped: link!.stamped.replace("sha512", "sha256") }),
      altered({ stamped: link!.stamped.replace(/\n\n.*\n3\n/, (found) => found.replace("3", "4")) }),
      altered({ token: link!.token.map((byte, at) => (at === link!.token.length - 1 ? byte ^ 1 : byte)) }),
      altered({ items: [own] }),
      altered({ items: [stamp] }),
      altered({ items: [{ ...own, item: own.item.replace(/canonical":"sha512:./, 'canonical":"sha512:0') }, stamp] }),
      altered({ items: [{ ...own, inclusionProof: own.inclusionProof.toReversed() }, stamp] }),
      altered({ items: [{ ...otherReceipt.renewals![0]!.items[0]!, index: 0 }, stamp] }),
      // Another time-stamp of the same entry.
      formatReceipt({ ...read, evidence: read.evidence.map((one) => ({ ...one, certificates: [], token: link!.token })) }),
    ];
    for (const deed of deeds.filter((each) => each !== text)) expect(await lines(deed, id)).toEqual([expect.stringMatching(/^fail/)]);
    // A document of which SHA-256 alone would say the same: the receipt is another's.
    const body = (log.bodies.get(id) ?? "").replace(/"family":\s*"[^"]*"/, '"family":"Other"').replace('"type":"document"', '"type":"document" ');
    expect(await lines(text, id, { body: body === log.bodies.get(id) ? `${body} `.replace("{", '{"language":"de",') : body })).toEqual([
      expect.stringMatching(/^fail: .*this document is not the one that was hashed by SHA-512/),
    ]);
  });

  test("counts as long as its authority does, and for longer by its like; a time-stamp by SHA-256 does not make one", async () => {
    const id = await log.deposit();
    await stampLog(log.by(authority));
    await expect(hashAnew(hashing(authority))).rejects.toThrow("rests on SHA-256 itself");
    await hashAnew(hashing(strong));
    const later = new Date(Date.now() + 3_001 * DAY);
    expect(await lines(await receipt(id), id, { now: new Date(Date.now() + 2_000 * DAY) })).toEqual([expect.stringMatching(/^pass/)]);
    expect(await lines(await receipt(id), id, { now: later })).toEqual([expect.stringMatching(/^info: .* proves nothing: .*nothing had renewed it/)]);
    await log.deposit();
    await hashAnew(hashing(strong));
    const { renewals = [] } = parseReceipt(await receipt(id));
    expect(renewals.map(({ items }) => items.length)).toEqual([2, 3]);
    expect(await lines(await receipt(id), id)).toEqual([expect.stringMatching(/^pass: .*, and so again at /)]);
  });

  const tools = ["bash", "jq", "openssl", "basenc", "perl", "xxd"].every((tool) => spawnSync(tool, ["--version"]).error === undefined);
  (tools ? test : test.skip)("the lines of docs/formats.md say the same, by hand", async () => {
    const ids = [await log.deposit(), await log.deposit(), await log.deposit()];
    await stampLog(log.by(authority));
    await hashAnew(hashing(strong));
    const [, id = ""] = ids;
    const { keys, store, wrappedKeys } = log;
    const { evidence } = await proofOf(id, { store, documentKeys: createDocumentKeys(keys, wrappedKeys) });
    const trust = trustOf(
      keys,
      [],
      [authority, strong].map(({ issuer }) => parseCertificate(issuer)),
    );
    const [, steps = ""] = /## Verifying by hand[^]*?```sh\n([^]*?)```/.exec(readFileSync("docs/formats.md", "utf8")) ?? [];
    const byHand = (text: string, body = log.bodies.get(id) ?? ""): string[] => {
      const files = { "document.json": body, "record.json": evidence.deposit, "receipt.json": text, "trust.json": formatTrust(trust) };
      for (const [name, content] of Object.entries(files)) writeFileSync(join(log.folder, name), content);
      const asked = `${steps.slice(0, steps.indexOf("\n# 10. "))}\necho HERE\n${steps.slice(steps.indexOf("\n# 13. "))}`;
      const { stdout } = spawnSync("bash", ["-c", asked], { cwd: log.folder, encoding: "utf8" });
      return (stdout.split("HERE\n")[1] ?? "").trim().split("\n");
    };
    const text = await receipt(id);
    const [ok, hash, time, ...pairs] = byHand(text);
    expect([ok, hash, time]).toEqual(["Verification: OK", "Hash Algorithm: sha512", expect.stringMatching(/^Time stamp: /)]);
    expect(pairs).toHaveLength(12 + 8);
    const differing = (list: readonly string[]): number[] => list.flatMap((line, at) => (at % 2 === 0 && line !== list[at + 1] ? [at / 2] : []));
    expect(differing(pairs)).toEqual([]);
    expect(pairs.every((line) => /^[0-9a-f]{128}$/.test(line))).toBe(true);
    expect(differing(byHand(text, (log.bodies.get(id) ?? "").replace('"document"', '"Document"')).slice(3))).toEqual([2, 3]);
    expect(differing(byHand(text.replace(/(\\"leaf\\":\\"sha512:)./, "$1z")).slice(3))).toEqual([0, 1]);
  });

  test("goes on where it was ended, run by run, and a tree of many runs is the same as one that is made at once", async () => {
    const ids: string[] = [];
    while (ids.length < 2 * RUN + 7) ids.push(await log.deposit());
    const told: string[] = [];
    const ended = hashing(strong, {
      onRun: (done, size) => {
        told.push(`${done} of ${size}`);
        throw new Error("killed");
      },
    });
    await expect(hashAnew(ended)).rejects.toThrow("killed");
    expect([told, (await log.book.anew.runs()).length, (await log.book.anew.renewals()).length]).toEqual([[`${RUN} of ${2 * RUN + 7}`], 1, 0]);
    const made = await hashAnew(hashing(strong, { onRun: (done, size) => void told.push(`${done} of ${size}`) }));
    // The first run is an entry of the log by itself.
    expect([told.slice(1), made?.size]).toEqual([[`${2 * RUN} of ${2 * RUN + 8}`], 2 * RUN + 8]);
    for (const at of [0, RUN - 1, RUN, 2 * RUN + 6]) {
      const text = await receipt(ids[at] ?? "");
      expect(await lines(text, ids[at] ?? "")).toEqual([expect.stringMatching(/^pass/)]);
    }
    const items = [
      ...(await Promise.all((await log.book.anew.runs()).map((run) => log.book.anew.items(run)))).flat(),
      ...(await log.book.anew.record(made!)).items,
    ];
    const sha512 = (...parts: readonly Uint8Array[]): Buffer => createHash("sha512").update(Buffer.concat(parts)).digest();
    const root = (list: readonly string[]): Buffer => {
      if (list.length === 1) return sha512(Buffer.of(0), Buffer.from(list[0] ?? ""));
      const half = 2 ** Math.ceil(Math.log2(list.length) - 1);
      return sha512(Buffer.of(1), root(list.slice(0, half)), root(list.slice(half)));
    };
    expect(Buffer.from(made!.root)).toEqual(root(items));
  });
});

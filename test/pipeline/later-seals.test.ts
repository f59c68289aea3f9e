/** XML seals behind deposits, over a record in memory: once for each document, none for what was erased, and what the audit finds of them. */
import { beforeEach, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { toBase64 } from "../../src/core/crypto/base64.ts";
import { sha256 } from "../../src/core/crypto/digest.ts";
import { AppError } from "../../src/core/errors.ts";
import type { Keys } from "../../src/core/crypto/keys.ts";
import { parseLaterSealLeaf, type LaterSeal } from "../../src/core/formats/later-seal.ts";
import { checkXmlSeal, makeXmlSeal, readXmlSeal } from "../../src/core/signatures/xml-seal.ts";
import { eraseDocument } from "../../src/pipeline/custody.ts";
import { honourErasures } from "../../src/pipeline/erasures.ts";
import { proofOf } from "../../src/pipeline/fetch.ts";
import { EntriesInLog } from "../../src/pipeline/log/entries-in-log.ts";
import { Ledger } from "../../src/pipeline/log/ledger.ts";
import { laterSealClaim, laterSealOf, sealInXml, soundLaterSealOf, type XmlSealing } from "../../src/pipeline/later-seals.ts";
import { shownXmlSeal } from "../../src/pipeline/verify/xml-seal-shown.ts";
import { createDocumentKeys, type DocumentKeys } from "../../src/pipeline/store/document-keys.ts";
import { audit } from "../contracts/audit.ts";
import { MemoryErasures } from "../contracts/memory-erasures.ts";
import { Memory, memoryKeys, MemoryRecord } from "../contracts/memory-record.ts";
import { keyOf, sampleDocument, seal, temporaryKeys } from "./sign/deposited.ts";

const PLAIN = { wrap: (key: Uint8Array) => Promise.resolve(key), unwrap: (key: Uint8Array) => Promise.resolve(key) };
const NOW = new Date("2026-03-14T09:30:00.000Z");
const FORM = new TextEncoder().encode("<Bundle></Bundle>");

let keys: Keys;
let store: MemoryRecord;
let kept: DocumentKeys;
let ledger: Ledger;
let using: XmlSealing;
let id: string;

beforeEach(async () => {
  const memory = new Memory();
  store = new MemoryRecord(memory);
  keys = await temporaryKeys();
  kept = createDocumentKeys(PLAIN, memoryKeys(memory));
  ledger = await Ledger.open(store, keys.log);
  id = randomUUID();
  const { receivedAt, leaf, encryptedContent, encryptedEvidence } = await seal(sampleDocument("urn:uuid:1"), id, keys);
  await kept.wrap(id, keyOf(id));
  await ledger.append([{ id, kind: "deposit", receivedAt, leaf, claims: [], content: encryptedContent, evidence: encryptedEvidence }]);
  using = {
    ...{ store, documentKeys: honourErasures(kept, store), ledger, gate: { admit: () => Promise.resolve(NOW) }, keys },
    digestOf: () => Promise.resolve({ digest: toBase64(sha256(FORM)) }),
  };
});

const erase = async (): Promise<unknown> =>
  eraseDocument(
    { documentId: id, by: "A. Smith", text: "", reason: "misfiled" },
    { store, documentKeys: kept, ledger, gate: using.gate, erasures: new MemoryErasures(), newId: () => randomUUID() },
  );

test("a document is sealed once, whoever does it how often, and the log proves the seal", async () => {
  await Promise.all([sealInXml(id, using), sealInXml(id, using)]);
  await sealInXml(id, using);
  const entries = await audit(store, keys.log);
  expect(entries.map(({ kind }) => kind)).toEqual(["deposit", "seal"]);
  expect(parseLaterSealLeaf(entries[1]!.leaf)).toMatchObject({ document: id, at: NOW.toISOString() });
  const found = await laterSealOf(id, using);
  const text = found && "xades" in found ? found.xades : "";
  expect(readXmlSeal(text)).toMatchObject({ documentId: id, sealedAt: "2026-03-14T09:30:00Z" });
  expect(await checkXmlSeal(text, FORM, keys.sealCertificates)).toMatchObject({ block: "valid", content: "valid", certificate: "valid" });
});

test("of a document that XML cannot carry it is said that there is none, once", async () => {
  const none = { ...using, digestOf: () => Promise.resolve({ none: "XML has no such character" }) };
  await sealInXml(id, none);
  await sealInXml(id, using);
  expect(await laterSealOf(id, using)).toEqual({ none: "XML has no such character" });
  expect(await audit(store, keys.log)).toHaveLength(2);
});

test("an erased document gets none, also when it is erased while its seal is made, and one that it has goes with it", async () => {
  const meanwhile = { ...using, digestOf: async () => (await erase(), { digest: toBase64(sha256(FORM)) }) };
  await sealInXml(id, meanwhile);
  expect((await store.claimed([laterSealClaim(id)])).size).toBe(0);
  // The key was at hand, and the erasure comes before the commit.
  const late: XmlSealing = { ...using, documentKeys: { ...kept, read: () => Promise.resolve(keyOf(id)) } };
  await sealInXml(id, late);
  expect((await audit(store, keys.log)).map(({ kind }) => kind)).toEqual(["deposit", "erasure"]);
});

test("a seal goes with its document", async () => {
  await sealInXml(id, using);
  await erase();
  expect(await laterSealOf(id, using)).toBeUndefined();
});

test("one that is damaged is told of, and is none, with the reason, for who has use of the document without it", async () => {
  await sealInXml(id, using);
  const altered = {
    ...using,
    store: { claimed: (claims: readonly string[]) => store.claimed(claims), evidence: () => Promise.resolve(Uint8Array.of(1)) },
  };
  await expect(laterSealOf(id, altered)).rejects.toMatchObject({ code: "damaged" });
  expect(await soundLaterSealOf(id, altered)).toEqual({ none: "what the repository keeps of it is damaged" });
  expect(await soundLaterSealOf(id, using)).toHaveProperty("xades");
});

test.each([
  ["noise", Uint8Array.of(1, 200, 3)],
  ["JSON of another form", new TextEncoder().encode('{"x":1}')],
])("one whose leaf was made unreadable (%s) is damaged as well, and nothing else of the document is", async (_what, leaf) => {
  await sealInXml(id, using);
  const claimed: MemoryRecord["claimed"] = async (claims) =>
    new Map([...(await store.claimed(claims))].map(([claim, found]) => [claim, { ...found, entry: { ...found.entry, leaf } }]));
  const altered = { ...using, store: { claimed, evidence: (of: string) => store.evidence(of) } };
  await expect(laterSealOf(id, altered)).rejects.toMatchObject({ code: "damaged" });
  expect(await soundLaterSealOf(id, altered)).toEqual({ none: "what the repository keeps of it is damaged" });
  const shown = { sealCertificates: keys.sealCertificates, timeAuthorities: [] };
  expect(await shownXmlSeal(() => laterSealOf(id, altered), id, shown)).toMatchObject({ kind: "damaged" });
});

test.each([
  ["noise", Uint8Array.of(1, 200, 3)],
  ["JSON of another form", new TextEncoder().encode('{"x":1}')],
])("a document whose own leaf was made unreadable (%s) is damaged, and whoever watches the log is told", async (_what, leaf) => {
  const alarms: number[] = [];
  const proof: MemoryRecord["proof"] = async (of) => {
    const stored = await store.proof(of);
    return stored && { ...stored, entry: { ...stored.entry, leaf } };
  };
  const altered = { proof, claimed: (claims: readonly string[]) => store.claimed(claims) };
  const inLog = new EntriesInLog({ logs: { log: keys.log, pastLogs: [] }, store, onFault: (index) => alarms.push(index) });
  await expect(proofOf(id, { ...using, store: altered, inLog })).rejects.toMatchObject({ code: "damaged" });
  expect(alarms).toEqual([0]);
  await expect(proofOf(id, { ...using, store: altered })).rejects.toMatchObject({ code: "damaged" });
});

test("what is not what was deposited is never sealed", async () => {
  const damaged = { ...using, openContent: () => Promise.reject(new AppError("damaged", "for this test")) };
  await expect(sealInXml(id, damaged)).rejects.toMatchObject({ code: "damaged" });
  expect(await audit(store, keys.log)).toHaveLength(1);
});

test("a time-stamp stands beside what is signed, and the seal is the same without it", async () => {
  const stamped: Uint8Array[] = [];
  const stamp = (bytes: Uint8Array): Promise<Uint8Array> => Promise.resolve((stamped.push(bytes), Uint8Array.of(48, 3, 2, 1, 5)));
  const text = await makeXmlSeal({ documentId: id, digest: sha256(FORM) }, keys.seal, NOW, stamp);
  expect(await checkXmlSeal(text, FORM, keys.sealCertificates)).toMatchObject({ block: "valid", content: "valid" });
  expect(readXmlSeal(text)?.timeStamp).toEqual({ token: Uint8Array.of(48, 3, 2, 1, 5), stamped: stamped[0] });
  expect(text).toContain(new TextDecoder().decode(stamped[0]));
});

test("a page tells by whom and when, and that there is none, and why, and of one that is damaged without failing", async () => {
  const shown = (later: () => Promise<LaterSeal | undefined> = () => laterSealOf(id, using), of = id): ReturnType<typeof shownXmlSeal> =>
    shownXmlSeal(later, of, { sealCertificates: keys.sealCertificates, timeAuthorities: [] });
  expect(await shown()).toEqual({ kind: "unknown" });
  expect(await shown(() => Promise.resolve({ none: "for this test" }))).toEqual({ kind: "impossible", reason: "for this test" });
  await sealInXml(id, using);
  const check = { block: "valid", content: "not-checked", certificate: "valid", signedAt: "2026-03-14T09:30:00Z" };
  expect(await shown()).toMatchObject({ kind: "sealed", check });
  expect(await shown(undefined, randomUUID())).toEqual({ kind: "damaged", reason: "it names another document" });
  expect(await shown(() => Promise.resolve({ xades: "<Signature/>" }))).toMatchObject({ kind: "sealed", check: { block: "invalid" } });
  expect(await shown(() => Promise.reject(new AppError("damaged", "altered")))).toEqual({ kind: "damaged", reason: "altered" });
  await expect(shown(() => Promise.reject(new AppError("unavailable", "away")))).rejects.toMatchObject({ code: "unavailable" });
});

test("every character of a seal counts", async () => {
  const text = await makeXmlSeal({ documentId: id, digest: sha256(FORM) }, keys.seal, NOW);
  const passed: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const altered = text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
    const { block, content, standing } = await checkXmlSeal(altered, FORM, keys.sealCertificates);
    if (block === "valid" && content === "valid" && standing === "trusted") passed.push(at);
  }
  expect(passed).toEqual([]);
  for (const odd of [`${text} `, text.replace("<ds:KeyInfo>", "<ds:KeyInfo><!-- -->"), text + text, "", "<ds:Signature/>"])
    expect(await checkXmlSeal(odd, FORM, keys.sealCertificates)).toMatchObject({ block: "invalid" });
});

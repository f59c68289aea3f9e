import { describe, expect, test } from "@jest/globals";
import { generateKeyPairSync } from "node:crypto";
import { formatCheckpoint } from "../../../src/core/crypto/checkpoint.ts";
import { noteSigner } from "../../../src/adapters/keys/note-signer.ts";
import { timeOfLeaf } from "../../../src/core/formats/leaf.ts";
import { formatNewOrigin, isNewOrigin, parseNewOrigin, reasonOf, type NewOrigin } from "../../../src/core/formats/new-origin.ts";
import { formatTrust, logNamed, parseTrust, trustOf } from "../../../src/core/formats/trust.ts";

const signer = (name: string) => noteSigner(name, generateKeyPairSync("ed25519").privateKey);
const [old, next] = [signer("documents.example/old"), signer("documents.example/next")];
const checkpoint = (size: number, by = old): string => by.sign(formatCheckpoint({ origin: by.name, size, root: new Uint8Array(32) }));
const ENTRY: NewOrigin = {
  at: "2026-03-14T09:30:00.000Z",
  reason: 'a "restored" database, of Friday',
  origin: next.name,
  vkey: next.vkey,
  previous: { vkey: old.vkey, kept: checkpoint(5), mark: checkpoint(8) },
};
const altered = (change: (entry: Record<string, unknown>) => void): Uint8Array => {
  const entry = JSON.parse(Buffer.from(formatNewOrigin(ENTRY)).toString()) as Record<string, unknown>;
  change(entry);
  return new TextEncoder().encode(JSON.stringify(entry));
};

describe("the entry of a new origin", () => {
  test("is read as it was written, and tells its time", () => {
    const leaf = formatNewOrigin(ENTRY);
    expect([isNewOrigin(leaf), parseNewOrigin(leaf, 5), timeOfLeaf(leaf)?.toISOString()]).toEqual([true, ENTRY, ENTRY.at]);
    const empty = { ...ENTRY, previous: { vkey: old.vkey, kept: null, mark: null } };
    expect(parseNewOrigin(formatNewOrigin(empty), 0)).toEqual(empty);
  });

  test("may hold what a later version adds", () => {
    expect(
      parseNewOrigin(
        altered((entry) => (entry["witnesses"] = ["a"])),
        5,
      ),
    ).toEqual(ENTRY);
    expect(() =>
      parseNewOrigin(
        altered((entry) => Object.assign(entry, { witnesses: ["a"], critical: ["witnesses"] })),
        5,
      ),
    ).toThrow(/critical/);
  });

  test.each<[string, (entry: Record<string, unknown>) => void, number]>([
    ["elsewhere than where the kept tree ends", () => undefined, 6],
    ["a kept checkpoint of another log", (entry) => (entry["previous"] = { ...ENTRY.previous, kept: checkpoint(5, next) }), 5],
    ["a mark that was altered", (entry) => (entry["previous"] = { ...ENTRY.previous, mark: checkpoint(8).replace("\n8\n", "\n9\n") }), 5],
    ["the same origin", (entry) => Object.assign(entry, { origin: old.name, vkey: old.vkey }), 5],
    ["a key of another origin", (entry) => (entry["vkey"] = signer("x").vkey), 5],
    ["no reason", (entry) => delete entry["reason"], 5],
    ["no mark, not even null", (entry) => (entry["previous"] = { vkey: old.vkey, kept: ENTRY.previous.kept }), 5],
  ])("with %s is refused", (_name, change, index) => {
    expect(() => parseNewOrigin(altered(change), index)).toThrow();
  });

  test.each(["", "  ", "two\nlines", "\ud800", "x".repeat(2_001)])("takes no reason like %j", (text) => {
    expect(() => reasonOf(text)).toThrow(/one line/);
  });
});

describe("trust in a repository whose log went on under another origin (chartulary-trust/2)", () => {
  const log = (name: typeof old) => ({ origin: name.name, vkey: name.vkey, sign: (text: string) => Promise.resolve(name.sign(text)) });
  const trust = trustOf({ log: log(next), pastLogs: [log(old)], sealCertificates: [] });

  test("names both logs, and is read as it was written", () => {
    const text = formatTrust(trust);
    expect(JSON.parse(text)).toMatchObject({ format: "chartulary-trust/2", logs: [{ origin: next.name }, { origin: old.name }] });
    const read = parseTrust(text);
    expect(formatTrust(read)).toBe(text);
    expect([logNamed(old.name, read)?.verifiers[0]?.vkey, logNamed(next.name, read)?.verifiers[0]?.vkey, logNamed("x", read)]).toEqual([
      old.vkey,
      next.vkey,
      undefined,
    ]);
  });

  test("passes over what it does not know, unless that is critical; version 1 does not", () => {
    const text = formatTrust(trust);
    const more = text.replace('"seals"', '"weather": [], "seals"');
    expect(parseTrust(more.replace('"origin"', '"since": "2026", "origin"')).log.origin).toBe(next.name);
    expect(() => parseTrust(more.replace('"seals"', '"critical": ["weather"], "seals"'))).toThrow(/critical/);
    expect(() => parseTrust(formatTrust(trustOf({ log: log(next), sealCertificates: [] })).replace('"seals"', '"weather": [], "seals"'))).toThrow();
    expect(() => parseTrust(text.replace(/"logs": \[[^\]]*\][^\]]*\][^\]]*\]/, '"logs": []'))).toThrow();
  });
});

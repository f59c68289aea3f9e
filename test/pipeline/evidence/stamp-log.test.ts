/** Time-stamps over the log, by an authority of OpenSSL's: each once, whoever asks; when they are due; and what the audit finds of them. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { parseEvidenceLeaf } from "../../../src/core/formats/log-evidence.ts";
import { EvidenceBook, evidenceClaim } from "../../../src/pipeline/evidence/evidence-book.ts";
import { EvidenceKeeper } from "../../../src/pipeline/evidence/evidence-keeper.ts";
import { stampLog } from "../../../src/pipeline/evidence/stamp-log.ts";
import { tamperWith } from "../../adapters/sqlite/tamper.ts";
import { HAS_OPENSSL, openAuthority, type Authority } from "../../adapters/tsa/authority.ts";
import { audit as replay } from "../../contracts/audit.ts";
import { audit } from "../audit/repository.ts";
import { openStampedLog, type StampedLog } from "./stamped-log.ts";

const judged = HAS_OPENSSL ? describe : describe.skip;
const DAY = 24 * 3_600_000;

judged(`time-stamps of the log${HAS_OPENSSL ? "" : " (not judged: there is no OpenSSL)"}`, () => {
  let authority: Authority;
  let log: StampedLog;
  beforeAll(async () => {
    authority = await openAuthority();
  });
  afterAll(() => authority.close());
  beforeEach(async () => {
    log = await openStampedLog();
  });
  afterEach(() => log.close());

  const kinds = async (): Promise<string[]> => (await replay(log.store, log.keys.log)).map(({ kind }) => kind);
  const found = async (): Promise<readonly string[]> => (await audit(log)).map(({ kind, what }) => `${kind} ${what}`);

  test("one is entered over the newest checkpoint, in the clear, and OpenSSL says the same of it", async () => {
    expect(await stampLog(log.by(authority))).toBeUndefined();
    await log.deposit();
    const note = await log.ledger.checkpoint();
    const made = await stampLog(log.by(authority));
    expect(made).toMatchObject({ number: 0, size: 1, index: 1, hash: "sha256", authority: "Clock 1" });
    expect(Date.parse(made!.until) - Date.now()).toBeGreaterThan(364 * DAY);
    const { stamped, token, certificates } = await log.book.record(made!);
    expect([stamped, certificates.length]).toEqual([note, 2]);
    const at = (name: string): string => join(log.folder, name);
    writeFileSync(at("stamped"), stamped);
    writeFileSync(at("token"), token);
    const judge = spawnSync("openssl", ["ts", "-verify", "-data", at("stamped"), "-in", at("token"), "-token_in", "-CAfile", join(authority.folder, "ca.pem")]); // prettier-ignore
    expect(judge.status).toBe(0);
    expect(await kinds()).toEqual(["deposit", "evidence"]);
    expect(await audit(log)).toEqual([]);
  });

  test("of several who ask at once one is entered, and all have it", async () => {
    await log.deposit();
    // Others have a book of their own, as other instances do.
    const others = Array.from({ length: 4 }, () => ({ ...log.by(authority), book: new EvidenceBook(log.store) }));
    const made = await Promise.all(others.map((one) => stampLog(one)));
    expect(new Set(made.map((one) => one?.id)).size).toBe(1);
    expect(await kinds()).toEqual(["deposit", "evidence"]);
    await log.deposit();
    await stampLog(log.by(authority));
    expect((await log.book.all()).map(({ number, size }) => [number, size])).toEqual([[0, 1], [1, 3]]); // prettier-ignore
    // Whoever begins anew reads the same.
    expect(await new EvidenceBook(log.store).all()).toEqual(await log.book.all());
  });

  test("nothing is entered where the authority gives none, or is not trusted, and the next one is", async () => {
    await log.deposit();
    const away = { ...log.by(authority), stamp: () => Promise.resolve(undefined) };
    expect(await stampLog(away)).toBeUndefined();
    const token = { ...log.by(authority), authorities: [] };
    await expect(stampLog(token)).rejects.toMatchObject({ code: "unavailable" });
    expect(await kinds()).toEqual(["deposit"]);
    expect(await stampLog(log.by(authority))).toMatchObject({ number: 0 });
  });

  test("a log is stamped when it is due: once a day while it grows, and again before its certificates end", async () => {
    let now = Date.now();
    let isOurs = true;
    const keeper = new EvidenceKeeper({
      ...{ store: log.store, book: log.book, interval: DAY, now: () => now },
      turn: { take: () => Promise.resolve(isOurs), giveBack: () => Promise.resolve() },
      stamp: () => stampLog(log.by(authority)),
      collect: () => Promise.resolve(),
      onFault: (error) => {
        throw error;
      },
    });
    const count = async (): Promise<number> => (await keeper.round(), (await log.book.all()).length);
    expect(await count()).toBe(0);
    await log.deposit();
    isOurs = false;
    expect(await count()).toBe(0);
    isOurs = true;
    expect(await count()).toBe(1);
    await log.deposit();
    expect(await count()).toBe(1);
    now += 2 * DAY;
    expect(await count()).toBe(2);
    // Of the token's own time, which OpenSSL's clock tells: a day after it nothing has come to the log.
    now += 2 * DAY;
    expect(await count()).toBe(2);
    now += 200 * DAY;
    expect(await count()).toBe(3);
  });

  const deeds: readonly (readonly [what: string, sql: string, found: string])[] = [
    ["its record altered", "UPDATE entries SET evidence = CAST(CAST(evidence AS TEXT) || ' ' AS BLOB) WHERE entry_index = 1", "changed entry"],
    ["its record removed", "UPDATE entries SET evidence = NULL WHERE entry_index = 1", "changed entry"],
    ["those of two swapped", "UPDATE entries SET evidence = (SELECT evidence FROM entries AS other WHERE other.entry_index = 4 - entries.entry_index) WHERE entry_index IN (1, 3)", "changed entry"], // prettier-ignore
    ["its claim removed", "DELETE FROM claims WHERE key = 'evidence:0'", "removed claim"],
    ["its claim given to another", "UPDATE claims SET entry_index = 3 WHERE key = 'evidence:0'", "changed claim"],
  ];
  test.each(deeds)("the audit finds %s", async (_, sql, expected) => {
    await log.deposit();
    await stampLog(log.by(authority));
    await log.deposit();
    await stampLog(log.by(authority));
    expect(await found()).toEqual([]);
    tamperWith(join(log.folder, "data", "chartulary.db"), [sql]);
    expect(await found()).toContain(expected);
  });

  test("a leaf that is no time-stamp's is refused", async () => {
    await log.deposit();
    await stampLog(log.by(authority));
    const entry = (await log.store.claimed([evidenceClaim(0)])).get(evidenceClaim(0))?.entry;
    const text = new TextDecoder().decode(entry?.leaf);
    for (const odd of [
      text.replace('sha256","id', 'sha512","id'),
      text.replace(/"number":0/, '"number":-1'),
      text.replace('"evidence"', '"deposit"'),
    ]) {
      expect(odd).not.toBe(text);
      expect(() => parseEvidenceLeaf(new TextEncoder().encode(odd))).toThrow();
    }
  });
});

/** What tells of the certificates behind a time-stamp is collected once it can be had, as an entry of its own, and goes along in receipts. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { shelfOf, type RevocationSource } from "../../../src/core/revocation/revocation-shelf.ts";
import { collectStatus, type StatusCollecting } from "../../../src/pipeline/evidence/collect-status.ts";
import { evidenceFor } from "../../../src/pipeline/evidence/evidence-for.ts";
import { stampLog } from "../../../src/pipeline/evidence/stamp-log.ts";
import { HAS_OPENSSL, openAuthority, type Authority } from "../../adapters/tsa/authority.ts";
import { person } from "../../core/signatures/people.ts";
import { audit } from "../audit/repository.ts";
import { openStampedLog, type StampedLog } from "./stamped-log.ts";

const judged = HAS_OPENSSL ? describe : describe.skip;

judged(`what is collected about certificates${HAS_OPENSSL ? "" : " (not judged: there is no OpenSSL)"}`, () => {
  let named: Authority;
  let log: StampedLog;
  let list: Uint8Array;
  beforeAll(async () => {
    named = await openAuthority({ issued: "crlDistributionPoints=URI:http://crl.test/list" });
    log = await openStampedLog();
    const openssl = (...words: string[]): unknown => execFileSync("openssl", words, { cwd: named.folder, stdio: "ignore" });
    writeFileSync(join(named.folder, "index.txt"), "");
    writeFileSync(join(named.folder, "number"), "01\n");
    writeFileSync(join(named.folder, "crl.conf"), "[ca]\ndefault_ca=here\n[here]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\n");
    openssl("ca", "-config", "crl.conf", "-keyfile", "ca.key", "-cert", "ca.pem", "-gencrl", "-crldays", "30", "-out", "list.pem");
    openssl("crl", "-in", "list.pem", "-outform", "DER", "-out", "list.der");
    list = new Uint8Array(readFileSync(join(named.folder, "list.der")));
  });
  afterAll(async () => {
    await log.close();
    await named.close();
  });

  const nobody: RevocationSource = () => Promise.resolve(shelfOf([]));
  const using = (source: RevocationSource): StatusCollecting => ({ ...log.by(named), keys: log.keys, source });

  test("a list that cannot be had yet is entered later, once, and a receipt has it", async () => {
    await log.deposit();
    const made = await stampLog(log.by(named));
    expect(await collectStatus(made!, using(nobody))).toBe(false);
    // What is signed by nobody who may, proves nothing.
    expect(
      await collectStatus(
        made!,
        using(() => Promise.resolve(shelfOf([list.map((byte, at) => (at === list.length - 1 ? byte ^ 1 : byte))]))),
      ),
    ).toBe(false);
    expect(await log.book.status(0)).toBeUndefined();
    const had: RevocationSource = () => Promise.resolve(shelfOf([list]));
    expect(await Promise.all([collectStatus(made!, using(had)), collectStatus(made!, using(had))])).toEqual([true, true]);
    expect(await collectStatus(made!, using(nobody))).toBe(true);
    expect((await log.store.entries(0, 10)).map(({ kind }) => kind)).toEqual(["deposit", "evidence", "evidence-status"]);
    const [link] = await evidenceFor({ leaf: new Uint8Array(), index: 0 }, { book: log.book, store: log.store });
    expect(link?.revocations).toEqual([list]);
    expect(await audit(log)).toEqual([]);
  });

  test("of keys that have ended too, also where no other is left: those that sealed since the time-stamp before", async () => {
    await log.deposit();
    const made = await stampLog(log.by(named));
    const asked: string[] = [];
    const had: RevocationSource = (certificate) => {
      asked.push(certificate.subject);
      return Promise.resolve(shelfOf([list]));
    };
    const authority = person("Authority", { isAuthority: true });
    const chained = person("Sealer", { by: authority });
    const chain = [chained.certificate, authority.certificate];
    const seal = { certificate: chained.certificate, chain, isCurrent: false };
    const ended = (before: number): StatusCollecting => ({
      ...using(had),
      keys: { sealCertificates: [{ ...seal, ended: { since: new Date(), before, reason: "stolen" } }] },
    });
    const { size } = (await log.book.all())[made!.number - 1] ?? { size: 0 };
    expect(await collectStatus(made!, ended(size + 1))).toBe(true);
    expect(asked).toContain("CN=Sealer");
    expect((await log.book.status(made!.number))?.certificates).toEqual(chain.map(({ raw }) => raw));
    asked.length = 0;
    await log.deposit();
    const next = await stampLog(log.by(named));
    expect(await collectStatus(next!, ended(size + 1))).toBe(true);
    expect(asked).not.toContain("CN=Sealer");
  });

  test("where nobody is to be asked, nothing is entered and nothing is waited for", async () => {
    const plain = await openAuthority();
    await log.deposit();
    const made = await stampLog(log.by(plain));
    expect(await collectStatus(made!, { ...using(nobody), ...log.by(plain) })).toBe(true);
    expect(await log.book.status(made!.number)).toBeUndefined();
    await plain.close();
  });
});

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKeyFolder } from "../../../src/adapters/keys/key-folder.ts";
import { openTimeAuthority } from "../../../src/adapters/tsa/time-authority.ts";
import type { TimeStamper } from "../../../src/core/cms/make-signature.ts";
import { parseCertificate, type Certificate } from "../../../src/core/crypto/certificate.ts";
import type { Keys } from "../../../src/core/crypto/keys.ts";
import { formatTrust, parseTrust, trustOf } from "../../../src/core/formats/trust.ts";
import { finishPdf } from "../../../src/pipeline/pdf/finish-pdf.ts";
import { signaturePlaceholder, signPdf } from "../../../src/pipeline/pdf/sign-pdf.ts";
import { verifyPdf } from "../../../src/pipeline/verify/verify-pdf.ts";
import { HAS_OPENSSL, openAuthority, type Authority } from "../../adapters/tsa/authority.ts";
import { R4 } from "../../r4.ts";
import { FACTS, printed } from "../pdf/printed.ts";

const judged = HAS_OPENSSL ? describe : describe.skip;
judged(`the time-stamp of a PDF${HAS_OPENSSL ? "" : " (not judged: there is no OpenSSL)"}`, () => {
  let authorities: Authority[] = [];
  let anchors: Certificate[] = [];
  let keys: Keys;

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), "chartulary-pdf-"));
    keys = await openKeyFolder(join(folder, "keys"));
    rmSync(folder, { recursive: true });
    authorities = [await openAuthority(), await openAuthority()];
    anchors = authorities.map(({ issuer }) => parseCertificate(issuer));
  });

  afterAll(async () => {
    for (const authority of authorities) await authority.close();
  });

  const stamperOf = (at: number): TimeStamper =>
    openTimeAuthority({ url: authorities[at]?.url ?? "", anchors, onFault: (reason) => { throw new Error(reason); } }); // prettier-ignore

  async function signed(stamp: TimeStamper | undefined, at = new Date()): Promise<{ readonly bytes: Buffer; readonly level: string }> {
    const finished = finishPdf(printed(), { ...FACTS, signature: signaturePlaceholder({ seal: keys.seal, stamp }) });
    const { bytes, level } = await signPdf(finished, { seal: keys.seal, stamp }, at);
    return { bytes: Buffer.from(bytes), level };
  }

  /** The lines about the PDF itself. */
  async function told(
    bytes: Uint8Array,
    timeAuthorities: readonly Certificate[] | undefined,
  ): Promise<{ lines: string; verdict: string; text: string }> {
    const trust = timeAuthorities && Buffer.from(formatTrust(trustOf(keys, [], timeAuthorities)));
    const { checks, verdict } = await verifyPdf({ bytes, trust, definitions: R4.definitions });
    const own = checks.filter(({ name }) => name.startsWith("pdf"));
    return { lines: own.map(({ name, result }) => `${name} ${result}`).join(", "), verdict, text: own.at(-1)?.text ?? "" };
  }

  test("proves by when it was signed to whoever trusts the authority, and nothing to anybody else", async () => {
    const { bytes, level } = await signed(stamperOf(0));
    expect(level).toBe("B-T");
    const [own, other] = [anchors[0] as Certificate, anchors[1] as Certificate];
    const proven = await told(bytes, [own]);
    expect(proven.lines).toBe("pdf signature pass, pdf certificate pass, pdf time pass");
    expect(proven.text).toMatch(/by 20\S+Z \(within 1500 ms\) at the latest: Clock 1/);
    expect(await told(bytes, [other])).toMatchObject({ lines: "pdf signature pass, pdf certificate pass, pdf time not-confirmed" });
    expect(await told(bytes, [])).toMatchObject({ text: expect.stringMatching(/proves nothing: the trust file names no/) });
    expect(await told(bytes, undefined)).toMatchObject({ text: expect.stringMatching(/proves nothing: .*takes a trust file/) });
  });

  test("of another signature, damaged, or of before the signature: false", async () => {
    let other: Uint8Array | undefined;
    await signed(async (value) => (other = await stamperOf(0)(value)));
    const moved = await signed(() => Promise.resolve(other));
    expect(await told(moved.bytes, anchors)).toMatchObject({
      lines: expect.stringContaining("pdf time fail"),
      verdict: "false",
      text: expect.stringContaining("about something else"),
    });
    const damaged = await signed(async (value) => (await stamperOf(0)(value))?.map((byte, at) => (at === 150 ? byte ^ 1 : byte)));
    expect(await told(damaged.bytes, anchors)).toMatchObject({ lines: expect.stringContaining("pdf time fail"), verdict: "false" });
    const later = await signed(stamperOf(0), new Date(Date.now() + 3_600_000));
    expect(await told(later.bytes, anchors)).toMatchObject({
      lines: expect.stringContaining("pdf time fail"),
      text: expect.stringContaining("signed later than"),
    });
    // Nobody who is not trusted accuses anybody.
    expect(await told(later.bytes, [])).toMatchObject({ lines: expect.stringContaining("pdf time not-confirmed") });
  });

  test("decides whether the certificate was valid, whatever the PDF says itself", async () => {
    const { bytes } = await signed(stamperOf(0), new Date("2001-01-01T00:00:00Z"));
    expect(await told(bytes, anchors)).toMatchObject({ lines: "pdf signature pass, pdf certificate pass, pdf time pass" });
    expect(await told(bytes, [])).toMatchObject({ lines: "pdf signature pass, pdf certificate not-confirmed, pdf time not-confirmed" });
  });

  test("where none is to be had the signature stands alone", async () => {
    const { bytes, level } = await signed(() => Promise.resolve(undefined));
    expect([level, (await told(bytes, anchors)).lines]).toEqual(["B-B", "pdf signature pass, pdf certificate pass"]);
  });

  test("its authorities are named in a trust file of the second version, which is read back; one without them is of the first", () => {
    const text = formatTrust(trustOf(keys, [], anchors));
    expect(text).toContain('"format": "chartulary-trust/2"');
    expect(parseTrust(text).timeAuthorities?.map(({ raw }) => Buffer.from(raw))).toEqual(anchors.map(({ raw }) => Buffer.from(raw)));
    expect(formatTrust(parseTrust(text))).toBe(text);
    expect(formatTrust(trustOf(keys))).toContain('"format": "chartulary-trust/1"');
    expect(() => parseTrust(text.replace(/"timeAuthorities": \[[^\]]*\]/, '"timeAuthorities": "none"'))).toThrow(expect.objectContaining({ code: "malformed" })); // prettier-ignore
  });
});

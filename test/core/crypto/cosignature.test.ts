/** Cosignatures: what witnesses and we ourselves say of a checkpoint at a time. Go's own judge them too (docs/design/tests.md). */
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { cosigner, noteSigner } from "../../../src/adapters/keys/note-signer.ts";
import { toBase64 } from "../../../src/core/crypto/base64.ts";
import type { CosignatureType } from "../../../src/core/crypto/note-keys.ts";
import { parseAnyVkey, timeVerifier } from "../../../src/core/crypto/note-keys.ts";
import { webPlatform } from "../../../src/core/crypto/platform/web.ts";
import { openNote, parseVkey } from "../../../src/core/crypto/signed-note.ts";
import { generateKeyPairSync } from "node:crypto";

const log = noteSigner("example.org/log", generateKeyPairSync("ed25519").privateKey);
const TEXT = `example.org/log\n7\n${toBase64(randomBytes(32))}\n`;
const AT = 1_764_400_000;

/** From c2sp.org/tlog-cosignature. Its keys are not published: it is read, and unknown. */
const EXAMPLE = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
`;

describe.each<CosignatureType>(["cosignature/v1", "ml-dsa-44"])("a cosignature of %s", (type) => {
  const witness = cosigner("witness.example.org/w1", type, randomBytes(32));
  const verifier = parseAnyVkey(witness.vkey);
  const note = log.sign(TEXT) + witness.cosign(TEXT, AT);

  test("is valid beside the log's signature, and tells its time", () => {
    const opened = openNote(note, [parseVkey(log.vkey), verifier]);
    expect(opened.text).toBe(TEXT);
    expect(opened.signatures).toMatchObject([{ result: "valid" }, { name: witness.name, result: "valid", at: AT }]);
    expect(opened.signatures[0]).not.toHaveProperty("at");
    expect(opened.signatures.map(({ line }) => line).join("")).toBe(note.slice(note.indexOf("\n\n") + 2));
  });

  test.each([
    ["of another size", TEXT.replace("\n7\n", "\n8\n"), AT],
    ["of another log", TEXT.replace("example.org", "example.com"), AT],
    ["at another time", TEXT, AT + 1],
  ])("%s is another one", (_name, text, at) => {
    const [, name, block = ""] = /^— (\S+) (\S+)\n$/.exec(witness.cosign(text, at)) ?? [];
    // The signature of that, said to be of this.
    const bytes = Buffer.from(block, "base64");
    bytes.writeBigUInt64BE(BigInt(AT), 4);
    const forged = log.sign(TEXT) + `— ${name ?? ""} ${bytes.toString("base64")}\n`;
    expect(openNote(forged, [verifier]).signatures[1]).toMatchObject({ result: "invalid" });
  });

  test("under another's name, cut short, or of a time that no clock tells is none", () => {
    const other = parseAnyVkey(cosigner("witness.example.org/w2", type, randomBytes(32)).vkey);
    expect(openNote(note, [other]).signatures[1]).toMatchObject({ result: "unknown" });
    expect(verifier.check(TEXT, new Uint8Array(7))).toEqual({ result: "invalid" });
    expect(verifier.check(TEXT, new Uint8Array(type === "ml-dsa-44" ? 2_428 : 72).fill(255))).toEqual({ result: "invalid" });
  });

  test("of what is no checkpoint is none either", () => {
    expect(verifier.check("no checkpoint\n", new Uint8Array(type === "ml-dsa-44" ? 2_428 : 72))).toMatchObject({ result: "invalid" });
  });
});

test("extension lines are cosigned with Ed25519, and not with ML-DSA-44, as the specification has it", () => {
  const extended = `${TEXT}extension\n`;
  for (const [type, result] of [
    ["cosignature/v1", "invalid"],
    ["ml-dsa-44", "valid"],
  ] as const) {
    const witness = cosigner("w", type, new Uint8Array(32));
    const line = witness.cosign(extended, AT);
    expect(openNote(`${extended}\n${line}`, [parseAnyVkey(witness.vkey)]).signatures[0]).toMatchObject({ result: "valid" });
    expect(openNote(`${TEXT}\n${line}`, [parseAnyVkey(witness.vkey)]).signatures[0]).toMatchObject({ result });
  }
});

test("the log's own key tells the time, and whoever holds its verifier key can check it", () => {
  const verifier = timeVerifier(parseVkey(log.vkey));
  const note = log.sign(TEXT) + log.signTime(TEXT, AT);
  expect(openNote(note, verifier ? [parseVkey(log.vkey), verifier] : []).signatures).toMatchObject([
    { result: "valid" },
    { result: "valid", at: AT },
  ]);
  // One is never taken for the other.
  expect(openNote(note, [parseVkey(log.vkey)]).signatures).toMatchObject([{ result: "valid" }, { result: "unknown" }]);
});

test("the specification's example is read; a verifier key of another kind, or with another id, is refused", () => {
  expect(openNote(EXAMPLE, []).signatures.map(({ result }) => result)).toEqual(["unknown", "unknown"]);
  expect(() => parseVkey(cosigner("w", "cosignature/v1", new Uint8Array(32)).vkey)).toThrow(/Ed25519/);
  const { vkey } = cosigner("w", "ml-dsa-44", new Uint8Array(32));
  for (const changed of [vkey.replace("w+", "v+"), vkey.slice(0, -4), vkey.replace(/\+[0-9a-f]/, "+z")])
    expect(() => parseAnyVkey(changed)).toThrow();
});

test("a browser has Ed25519, and no ML-DSA: that one is not checked there", () => {
  expect(webPlatform.mlDsa44(new Uint8Array(1_312))).toBeUndefined();
});

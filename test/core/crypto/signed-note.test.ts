import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { noteSigner } from "../../../src/adapters/keys/note-signer.ts";
import { openNote, parseVkey } from "../../../src/core/crypto/signed-note.ts";

const signer = noteSigner("example.org/log", generateKeyPairSync("ed25519").privateKey);
const TEXT = "example.org/log\n7\nAAAA\n";

/** From the documentation of Go's golang.org/x/mod/sumdb/note. */
const GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const GO_NOTE =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n" +
  "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

describe("signed notes (c2sp.org/signed-note)", () => {
  test("the example of Go's package note is valid", () => {
    const opened = openNote(GO_NOTE, [parseVkey(GO_VKEY)]);
    expect(opened.signatures).toMatchObject([{ name: "PeterNeumann", keyId: "c74f20a3", result: "valid" }]);
    expect(opened.text).toContain("answer to your problem");
  });

  test("a note that was signed opens with the signer's vkey", () => {
    const opened = openNote(signer.sign(TEXT), [parseVkey(signer.vkey)]);
    expect(opened.text).toBe(TEXT);
    expect(opened.signatures.map((signature) => signature.result)).toEqual(["valid"]);
  });

  test("no changed character leaves a valid signature of the same text", () => {
    const note = signer.sign(TEXT);
    const verifiers = [parseVkey(signer.vkey)];
    for (let at = 0; at < note.length; at += 1) {
      const changed = note.slice(0, at) + String.fromCharCode(note.charCodeAt(at) ^ 1) + note.slice(at + 1);
      let isValid = false;
      try {
        isValid = openNote(changed, verifiers).signatures.some((signature) => signature.result === "valid");
      } catch (error) {
        expect(error).toMatchObject({ code: "malformed" });
      }
      expect({ at, isValid }).toEqual({ at, isValid: false });
    }
  });

  test("a signature by a key that nobody vouched for is unknown, also beside a valid one", () => {
    const other = noteSigner("example.org/log", generateKeyPairSync("ed25519").privateKey);
    const [, line] = other.sign(TEXT).split("\n\n");
    const opened = openNote(signer.sign(TEXT) + (line as string), [parseVkey(signer.vkey)]);
    expect(opened.signatures.map((signature) => signature.result)).toEqual(["valid", "unknown"]);
  });

  test.each([
    "",
    "text",
    "text\n",
    "text\n\n",
    "text\n\nno signature\n",
    "text\n\n— name AAAA\n",
    "text\n\n— name AAAAAAAA",
    "a\u0000b\n\n— name AAAAAAAAAAAA\n",
  ])("what is not a signed note is malformed: %j", (note) =>
    expect(() => openNote(note, [])).toThrow(expect.objectContaining({ code: "malformed" })),
  );

  test("a vkey whose id does not belong to its key is refused", () => {
    expect(() => parseVkey(GO_VKEY.replace("c74f20a3", "c74f20a4"))).toThrow(expect.objectContaining({ code: "malformed" }));
    expect(() => parseVkey(GO_VKEY.replace("PeterNeumann", "PeterNeuman"))).toThrow(expect.objectContaining({ code: "malformed" }));
    expect(() => parseVkey("name")).toThrow(expect.objectContaining({ code: "malformed" }));
  });

  test("a text that could be misread is not signed", () => {
    expect(() => signer.sign("no line end")).toThrow(expect.objectContaining({ code: "internal" }));
    expect(() => signer.sign("carriage\r\n")).toThrow(expect.objectContaining({ code: "internal" }));
    expect(() => noteSigner("two words", generateKeyPairSync("ed25519").privateKey)).toThrow(expect.objectContaining({ code: "internal" }));
  });
});

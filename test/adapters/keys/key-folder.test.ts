import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verify, X509Certificate } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { openKeyFolder } from "../../../src/adapters/keys/key-folder.ts";
import { newDocumentKey } from "../../../src/core/envelope.ts";
import { openNote, parseVkey } from "../../../src/core/crypto/signed-note.ts";

const ID = "3f1c1c3e-7f0e-4c5e-9a63-1f2a3b4c5d6e";
let base: string;
let folder: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "keys-"));
  folder = join(base, "data", "keys");
});
afterEach(() => rm(base, { recursive: true, force: true }));

describe("openKeyFolder", () => {
  test("makes keys at the first start and finds the same at the next", async () => {
    const first = await openKeyFolder(folder);
    const second = await openKeyFolder(folder);
    expect(second.log).toMatchObject({ origin: first.log.origin, vkey: first.log.vkey });
    expect(first.log.origin).toMatch(/^chartulary\.local\/log\/[0-9a-f]{8}$/);
    expect(second.seal.kid).toBe(first.seal.kid);
    expect(await second.identityKeyOf("urn:a", "1")).toBe(await first.identityKeyOf("urn:a", "1"));
    const key = newDocumentKey();
    expect(await second.unwrap(await first.wrap(key, ID), ID)).toEqual(key);
  });

  test("is for its owner alone, and leaves no draft behind", async () => {
    await openKeyFolder(folder);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    const names = await readdir(folder);
    expect(names.sort()).toEqual(["identity.key", "log.key", "master.key", "seal-0001.pem"]);
    for (const name of names) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    expect(await readdir(join(base, "data"))).toEqual(["keys"]);
  });

  test("two that start at once get the same keys, also in an empty folder", async () => {
    await mkdir(folder, { recursive: true });
    const opened = await Promise.all(Array.from({ length: 8 }, () => openKeyFolder(folder)));
    expect(new Set(opened.map((keys) => keys.log.vkey)).size).toBe(1);
    expect(new Set(await Promise.all(opened.map((keys) => keys.identityKeyOf(undefined, "x")))).size).toBe(1);
    expect(await readdir(join(base, "data"))).toEqual(["keys"]);
  });

  test("a draft that a crash left behind is of no consequence", async () => {
    await mkdir(join(base, "data", ".keys.draft.new"), { recursive: true });
    await writeFile(join(base, "data", ".keys.draft.new", "master.key"), "half");
    await expect(openKeyFolder(folder)).resolves.toBeDefined();
  });

  test.each(["master.key", "identity.key", "log.key", "seal-0001.pem"])("without %s it is damaged, and nothing is made anew", async (name) => {
    await openKeyFolder(folder);
    await rm(join(folder, name));
    await expect(openKeyFolder(folder)).rejects.toMatchObject({ code: "damaged" });
    expect(await readdir(folder)).not.toContain(name);
  });

  test("without keys it refuses to make some where documents exist", async () => {
    await expect(openKeyFolder(folder, { mayCreate: false })).rejects.toMatchObject({ code: "damaged" });
    await expect(readdir(folder)).rejects.toThrow();
  });

  test("a key that was altered is noticed", async () => {
    await openKeyFolder(folder);
    const file = join(folder, "log.key");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace("chartulary.local/log/", "chartulary.local/lag/"));
    await expect(openKeyFolder(folder)).rejects.toMatchObject({ code: "damaged" });
  });

  test("its seal signs with the key of its certificate, its log signs notes for its vkey", async () => {
    const keys = await openKeyFolder(folder);
    const [certificate] = keys.seal.chain;
    const input = new TextEncoder().encode("header.payload");
    const signature = await keys.seal.sign(input);
    expect(signature.length).toBe(64);
    expect(verify("sha256", input, { key: new X509Certificate(certificate!.raw).publicKey, dsaEncoding: "ieee-p1363" }, signature)).toBe(true);
    expect(certificate!.isAuthority).toBe(false);
    expect(await certificate!.isSignedBy(certificate!)).toBe(true);
    expect(openNote(await keys.log.sign("text\n"), [parseVkey(keys.log.vkey)]).signatures[0]?.result).toBe("valid");
  });

  test("a wrapped key opens for its own document only", async () => {
    const keys = await openKeyFolder(folder);
    const other = await openKeyFolder(join(base, "other"));
    const wrapped = await keys.wrap(newDocumentKey(), ID);
    await expect(keys.unwrap(wrapped, ID.replace("3", "4"))).rejects.toMatchObject({ code: "damaged" });
    await expect(other.unwrap(wrapped, ID)).rejects.toMatchObject({ code: "damaged" });
  });

  test("identity keys differ by system, by value, and from one repository to the next", async () => {
    const keys = await openKeyFolder(folder);
    const other = await openKeyFolder(join(base, "other"));
    const made = await Promise.all([
      keys.identityKeyOf("urn:a", "1"),
      keys.identityKeyOf("urn:b", "1"),
      keys.identityKeyOf(undefined, "1"),
      keys.identityKeyOf("urn:a", "2"),
      other.identityKeyOf("urn:a", "1"),
    ]);
    expect(new Set(made).size).toBe(made.length);
    for (const key of made) expect(key).toMatch(/^[0-9a-f]{64}$/);
  });

  test("a person's key is the same whenever the folder is opened, another for each identifier and repository, and no identity key", async () => {
    const keys = await openKeyFolder(folder);
    const other = await openKeyFolder(join(base, "other"));
    const made = await Promise.all([
      keys.personKeyOf("urn:a", "1"),
      keys.personKeyOf("urn:b", "1"),
      keys.personKeyOf("urn:a", "2"),
      other.personKeyOf("urn:a", "1"),
      keys.identityKeyOf("urn:a", "1"),
    ]);
    expect(new Set(made).size).toBe(made.length);
    expect(await (await openKeyFolder(folder)).personKeyOf("urn:a", "1")).toBe(made[0]);
  });
});

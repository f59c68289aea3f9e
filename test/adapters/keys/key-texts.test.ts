/** Files of keys that are wrapped: what is asked of whoever unwraps, and when; and what is left in clear. */
import { existsSync, linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { openKeyFolder } from "../../../src/adapters/keys/key-folder.ts";
import { makeLogKey, retireLogKey } from "../../../src/adapters/keys/log-key-files.ts";
import { KeyTexts } from "../../../src/adapters/keys/key-texts.ts";
import { beginMasterKey, endMasterKey, MasterKeyFiles } from "../../../src/adapters/keys/master-keys.ts";
import { makeSealKey, retireSealKey } from "../../../src/adapters/keys/seal-keys.ts";
import { isInClear } from "../../../src/adapters/keys/wrapped-text.ts";
import type { KeyWrapper } from "../../../src/core/crypto/keys.ts";
import { newDocumentKey } from "../../../src/core/envelope.ts";
import { AppError } from "../../../src/core/errors.ts";

const ID = "3f1c1c3e-7f0e-4c5e-9a63-1f2a3b4c5d6e";
const SECRETS = ["identity.key", "log.key", "master.key", "seal-0001.pem"];
let base: string;
let folder: string;
let asked: string[];
let isAway: boolean;

/** Wraps by turning the text about: what matters here is who is asked for what. */
function wrapper(by: string | undefined, change: (text: string) => string = (text) => text): KeyWrapper {
  const answer = (what: string, text: string): Promise<string> => {
    if (isAway) return Promise.reject(new AppError("unavailable", "Vault is away"));
    asked.push(what);
    return Promise.resolve(text);
  };
  return {
    by,
    wrap: (text) => answer("wrap", Buffer.from(text).toString("hex")),
    unwrap: (wrapped) => answer("unwrap", change(Buffer.from(wrapped, "hex").toString())),
  };
}

const wrapping = (by = "vault transit/one"): KeyTexts => new KeyTexts(folder, wrapper(by === "" ? undefined : by));
const contents = (): string[] => readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
const files = (): string => readdirSync(folder).sort().join();

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "wrapped-"));
  folder = join(base, "keys");
  asked = [];
  isAway = false;
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

test("keys that are made wrapped lie in no file in clear, and are the same keys whenever they are opened", async () => {
  const keys = await openKeyFolder(wrapping());
  expect(contents().filter(isInClear)).toEqual([]);
  expect(contents().every((text) => text.startsWith("chartulary-wrapped-key/1\nby vault transit/one\nis sha256:"))).toBe(true);
  const again = await openKeyFolder(wrapping());
  expect(again.log.vkey).toBe(keys.log.vkey);
  const key = newDocumentKey();
  expect(await again.unwrap(await keys.wrap(key, ID), ID)).toEqual(key);
  expect(await again.identityKeyOf("urn:a", "1")).toBe(await keys.identityKeyOf("urn:a", "1"));
  expect(again.seal.kid).toBe(keys.seal.kid);
});

test("a folder in clear is wrapped, wrapped by another, and put in clear again, with the same keys; nobody who has it open asks for anything", async () => {
  const first = await openKeyFolder(folder);
  const service = wrapping();
  const open = await openKeyFolder(service);
  const wrapped = await first.wrap(newDocumentKey(), ID);
  asked = [];
  isAway = false;
  for (const [by, left] of [["vault transit/one", 0], ["vault transit/two", 0], ["vault transit/two", 0], ["", 4]] as const) {
    const done = await wrapping(by).keepAnew();
    expect(done).toEqual(SECRETS);
    expect(files()).toBe(SECRETS.join());
    expect(contents().filter(isInClear)).toHaveLength(left);
    expect((await wrapping().kept()).map((file) => file.by)).toEqual(SECRETS.map(() => by || undefined));
    // The service that runs beside: whoever unwraps may be away.
    isAway = true;
    await open.master.refresh();
    await open.sealKeys.refresh();
    expect([open.master.epochs(), open.sealKeys.held().map(({ signer }) => signer !== undefined)]).toEqual([first.master.epochs(), [true]]);
    await open.unwrap(wrapped, ID);
    isAway = false;
    expect((await openKeyFolder(wrapping())).log.vkey).toBe(first.log.vkey);
  } // prettier-ignore
  expect(await wrapping("").keepAnew()).toEqual([]);
});

test("what was in clear is written over, under every name that an interrupted run left", async () => {
  await openKeyFolder(folder);
  const spy = join(base, "spy");
  const at = (name: string): string => join(folder, name);
  // Another name of the same bytes on the disk.
  linkSync(at("identity.key"), spy);
  const secret = readFileSync(spy, "utf8");
  writeFileSync(at(".identity.key.0.new"), secret);
  utimesSync(at(".identity.key.0.new"), new Date(0), new Date(0));
  writeFileSync(at(".master.key.1.new"), readFileSync(at("master.key")));
  // Interrupted between the two: the file is wrapped, the bytes from before have their name for dying.
  linkSync(at("log.key"), at(".log.key.ending"));
  await wrapping().keepAnew();
  expect(readFileSync(spy, "utf8")).not.toBe(secret);
  // One that may be being written is left to its writer.
  expect(files()).toBe([".master.key.1.new", ...SECRETS].join());
  utimesSync(at(".master.key.1.new"), new Date(0), new Date(0));
  await wrapping().keepAnew();
  expect(files()).toBe(SECRETS.join());
});

describe("whoever answers in another's name, or is away", () => {
  test("opens nothing at the start", async () => {
    await openKeyFolder(wrapping());
    isAway = true;
    await expect(openKeyFolder(wrapping())).rejects.toMatchObject({ code: "unavailable", message: expect.stringMatching(/master\.key in .* cannot be unwrapped: Vault is away/) });
    isAway = false;
    const changes: readonly ((text: string) => string)[] = [(text) => text.slice(1), () => "", () => "A".repeat(43) + "=\n", (text) => `${text} `, () => "x".repeat(100_000)];
    for (const change of changes)
      await expect(openKeyFolder(new KeyTexts(folder, wrapper("vault transit/one", change)))).rejects.toMatchObject({
        code: "unavailable",
        message: expect.stringMatching(/what vault transit\/one gives for it is not what was wrapped/),
      });
    await expect(openKeyFolder(folder)).rejects.toMatchObject({ code: "unavailable", message: expect.stringMatching(/wrapped by vault transit\/one.*VAULT_URL/) });
  }); // prettier-ignore

  test("gets no key out of its file", async () => {
    await openKeyFolder(folder);
    const before = contents();
    await expect(new KeyTexts(folder, wrapper("vault transit/one", (text) => `${text}x`)).keepAnew()).rejects.toMatchObject({ message: expect.stringMatching(/was not wrapped/) });
    isAway = true;
    await expect(wrapping().keepAnew()).rejects.toMatchObject({ code: "unavailable" });
    expect(contents()).toEqual(before);
  }); // prettier-ignore

  test("one file does not pass for another, and none that was altered", async () => {
    await openKeyFolder(wrapping());
    const at = (name: string): string => join(folder, name);
    const identity = readFileSync(at("identity.key"), "utf8");
    const master = readFileSync(at("master.key"), "utf8");
    writeFileSync(at("master.key"), identity);
    await expect(openKeyFolder(wrapping())).rejects.toMatchObject({ message: expect.stringMatching(/not what was wrapped/) });
    for (const [text, code] of [
      [master.replace("/1\n", "/2\n"), "unsupported"],
      [master.replace(/is sha256:.*\n/, ""), "damaged"],
      [`${master}more`, "damaged"],
      [master.slice(0, 30), "damaged"],
    ]) {
      writeFileSync(at("master.key"), text ?? "");
      await expect(openKeyFolder(wrapping())).rejects.toMatchObject({ code });
    }
  });

  test("a service that runs goes on, and takes a key that was made meanwhile as soon as it can be unwrapped", async () => {
    const keys = await openKeyFolder(wrapping());
    const service = await MasterKeyFiles.open(wrapping());
    await beginMasterKey(wrapping(), 2);
    await makeSealKey(wrapping(), 2, new Date());
    await makeLogKey(wrapping(), keys.log.origin);
    isAway = true;
    await service.refresh();
    await keys.sealKeys.refresh();
    await keys.logKeys.refresh();
    expect(service.epochs().map(({ epoch }) => epoch)).toEqual([1]);
    expect(keys.logKeys.held().map(({ number }) => number)).toEqual([1]);
    expect(keys.sealKeys.held().map(({ number }) => number)).toEqual([1]);
    expect(service.faultOf(2)).toMatch(/master-0002\.key .* cannot be unwrapped: Vault is away/);
    expect(() => service.use(2)).toThrow(/not in/);
    isAway = false;
    await service.refresh();
    await keys.sealKeys.refresh();
    await keys.logKeys.refresh();
    expect(keys.logKeys.held().map(({ number }) => number)).toEqual([1, 2]);
    service.use(2);
    expect(service.faultOf(2)).toBeUndefined();
    expect(keys.sealKeys.held().map(({ number }) => number)).toEqual([1, 2]);
  });
});

test("wrapped keys end, are retired and are told of as those in clear are", async () => {
  const texts = wrapping();
  const keys = await openKeyFolder(texts);
  const [epoch] = keys.master.epochs();
  await beginMasterKey(texts, 2);
  const wrapped = readFileSync(join(folder, "master.key"), "utf8");
  writeFileSync(join(folder, ".master.key.1.new"), wrapped);
  await endMasterKey(texts, 1);
  await endMasterKey(texts, 1);
  expect(readFileSync(join(folder, "master.key"), "utf8")).toBe(`ended ${epoch?.keyId ?? ""}\n`);
  expect(existsSync(join(folder, ".master.key.1.new"))).toBe(false);
  await makeSealKey(texts, 2, new Date());
  await retireSealKey(texts, 1);
  expect(readFileSync(join(folder, "seal-0001.pem"), "utf8")).toMatch(/^-----BEGIN CERTIFICATE/);
  await makeLogKey(texts, keys.log.origin);
  await retireLogKey(texts, 1);
  expect(readFileSync(join(folder, "log.key"), "utf8")).toBe(`${keys.log.vkey}\n`);
  expect((await texts.kept()).map(({ name }) => name)).toEqual(["identity.key", "log-0002.key", "master-0002.key", "seal-0002.pem"]);
  isAway = true;
  await keys.master.refresh();
  expect(keys.master.epochs().map(({ isEnded }) => isEnded)).toEqual([true, false]);
});

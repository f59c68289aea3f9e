/** Clock, seal, log and store: whichever is not right, no document is taken, and it is told which. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issueCertificate } from "../../src/adapters/keys/issue-certificate.ts";
import { pemOf } from "../../src/core/crypto/certificate.ts";
import { openKeyFolder } from "../../src/adapters/keys/key-folder.ts";
import { rotateSealKey } from "../rotate-seal.ts";
import { checkSeal, makeSeal } from "../../src/core/signatures/seal.ts";
import { DepositGate, type GateOptions } from "../../src/pipeline/gate.ts";

const DAY = 86_400_000;
const START = new Date("2026-03-14T09:30:00.500Z");
let folder: string;
let now: Date;
let steady: number;
let newestAt: Date | undefined;
let logHalt: string | undefined;
let storeFault: string | undefined;
let told: string[];
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "gate-")), "keys");
  [now, steady, newestAt, logHalt, storeFault, told] = [START, 0, undefined, undefined, undefined, []];
});
afterEach(() => rmSync(join(folder, ".."), { recursive: true, force: true }));

async function open(keysMadeAt = START, logKeys?: GateOptions["logKeys"]): Promise<DepositGate> {
  const keys = await openKeyFolder(folder, { now: keysMadeAt });
  const ledger = {
    get halt() {
      return logHalt;
    },
    get newestAt() {
      return newestAt;
    },
    lookForClosure: () => Promise.resolve(),
    settleMark: () => Promise.resolve(),
  };
  const store = { fault: () => storeFault, check: () => Promise.resolve() };
  return DepositGate.open({
    ledger,
    store,
    keys,
    logKeys,
    now: () => now,
    steady: () => steady,
    maxSkew: 10_000,
    onWarning: (text) => told.push(text),
  });
}
const later = (milliseconds: number): Date => new Date(START.getTime() + milliseconds);
const expectRefused = async (gate: DepositGate, kind: string, text: RegExp): Promise<void> => {
  await expect(gate.admit(now)).rejects.toMatchObject({ code: "unavailable", message: expect.stringMatching(text) });
  await expect(gate.check()).rejects.toMatchObject({ code: "unavailable", message: expect.stringMatching(text) });
  expect(gate.halt()).toMatchObject({ kind, text: expect.stringMatching(text) });
};

describe("the clock", () => {
  test("that is right gives the time of receipt", async () => {
    newestAt = later(-5_000);
    expect(await (await open()).admit(now)).toEqual(START);
  });

  test("behind the newest entry by no more than the skew: the times of the log don't go back", async () => {
    const gate = await open();
    for (const behind of [1, 9_999, 10_000]) {
      newestAt = later(behind);
      expect(await gate.admit(now)).toEqual(later(behind));
    }
  });

  test("further behind: nothing is taken, until it is right again", async () => {
    const gate = await open();
    newestAt = later(10_001);
    await expectRefused(gate, "clock", /clock .* before the newest entry/);
    now = later(60_000);
    expect(await gate.admit(now)).toEqual(now);
  });
});

describe("the seal", () => {
  test.each([
    ["not valid yet", 400 * DAY],
    ["expired", -11 * 366 * DAY],
  ])("whose certificate is %s is not made", async (_why, madeAt) => {
    const gate = await open(later(madeAt));
    await expectRefused(gate, "seal", /valid from .* to .*keys rotate/);
  });

  test("whose certificate expires while the service runs is not made from then on, and is again when the clock is set right", async () => {
    const gate = await open();
    now = later(4_000 * DAY);
    await expectRefused(gate, "seal", /valid from/);
    now = START;
    expect(await gate.admit(now)).toEqual(START);
    now = later(-2 * 3_600_000);
    await expectRefused(gate, "seal", /valid from/);
  });

  test("counts for whoever verifies it, at any moment at which it is made", async () => {
    const keys = await openKeyFolder(folder, { now: START });
    const gate = await open();
    const content = new TextEncoder().encode("{}");
    const [certificate] = keys.seal.chain;
    const edges = [certificate!.validFrom, certificate!.validTo].flatMap((edge) =>
      [-1_001, -1, 0, 1, 999, 1_001].map((by) => new Date(edge.getTime() + by)),
    );
    for (const moment of edges) {
      now = moment;
      const admitted = await gate.admit(moment).catch(() => undefined);
      const check = await checkSeal(await makeSeal(content, keys.seal, moment), content, keys.sealCertificates);
      expect([moment, admitted !== undefined]).toEqual([
        moment,
        check.block === "valid" && check.content === "valid" && check.certificate === "valid",
      ]);
    }
  });

  test("that a new key makes counts after a start", async () => {
    await open(later(400 * DAY));
    await rotateSealKey(folder, START);
    expect((await open()).halt()).toBeUndefined();
  });
});

test.each(["log", "store"] as const)("a fault of the %s is told as it is", async (kind) => {
  const gate = await open();
  if (kind === "log") logHalt = "the log is shorter";
  else storeFault = "the file was moved";
  await expectRefused(gate, kind, kind === "log" ? /shorter/ : /moved/);
});

test("while an entry about the log's keys is not followed no document is taken; each time it is looked again", async () => {
  let fault: string | undefined = "entry 7 was not committed";
  let looks = 0;
  const watch = {
    get fault() {
      return fault;
    },
    look: () => Promise.resolve(void (fault = looks++ < 2 ? fault : undefined)),
  };
  const gate = await open(START, watch);
  await expectRefused(gate, "log", /entry 7/);
  expect(await gate.admit(now)).toEqual(now);
});

test("a seal that ends within sixty days is told of once a day, while documents are taken", async () => {
  const end = (await openKeyFolder(folder, { now: START })).seal.chain[0]!.validTo;
  now = new Date(end.getTime() - 60 * DAY - 1);
  const gate = await open();
  expect([gate.warning(), told]).toEqual([undefined, []]);
  now = new Date(end.getTime() - 59 * DAY);
  await gate.admit(now);
  await gate.check();
  expect([gate.halt(), gate.warning()]).toEqual([undefined, expect.stringMatching(/ends on .*keys rotate/)]);
  expect(told).toEqual([gate.warning()]);
  now = new Date(end.getTime() - 58 * DAY);
  await gate.check();
  expect(told).toHaveLength(2);
});

describe("a seal key of another kind than we make", () => {
  const KINDS = {
    "RSA 2048": () => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
    "P-384": () => generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey,
    Ed25519: () => generateKeyPairSync("ed25519").privateKey,
  };

  const place = async (key: KeyObject): Promise<void> => {
    await openKeyFolder(folder);
    const issuer = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    const certificate = certificateFor(key, issuer);
    writeFileSync(join(folder, "seal-0001.pem"), certificate + key.export({ type: "pkcs8", format: "pem" }).toString());
  };

  test.each(Object.entries(KINDS))("%s seals truly", async (_name, make) => {
    await place(make());
    expect((await open()).halt()).toBeUndefined();
  });

  test("and that nobody could verify everywhere is refused at the start, by its kind", async () => {
    await place(generateKeyPairSync("ec", { namedCurve: "secp256k1" }).privateKey);
    await expect(openKeyFolder(folder)).rejects.toMatchObject({ code: "unsupported", message: expect.stringMatching(/secp256k1.*P-256/) });
  });
});

function certificateFor(key: KeyObject, issuerKey: KeyObject): string {
  const certificate = issueCertificate({
    subject: "a seal",
    publicKey: createPublicKey(key),
    issuer: "someone",
    issuerKey,
    validFrom: later(-DAY),
    validTo: later(DAY),
    isAuthority: false,
  });
  return pemOf(certificate);
}

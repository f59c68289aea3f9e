import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { loadConfig } from "../../src/config.ts";
import { formatTrust, trustOf } from "../../src/core/formats/trust.ts";
import { openSenderTrust } from "../../src/main/signer-trust.ts";
import { person } from "../core/signatures/people.ts";
import { temporaryKeys } from "../pipeline/sign/deposited.ts";

test("auditors are told of the same authorities of time by which deposits are judged", async () => {
  const folder = await mkdtemp(join(tmpdir(), "chartulary-trust-"));
  const [root, clock, stamping] = ["Root", "Clock of the senders", "Clock of ours"].map((name) => person(name, { isAuthority: true }).certificate);
  try {
    const TRUST_FILE = join(folder, "trust.json");
    await writeFile(TRUST_FILE, formatTrust(trustOf(await temporaryKeys(), [root!], [clock!])));
    const config = loadConfig({ environment: { DATA_DIR: folder, TRUST_FILE } });
    const { senders, trust } = await openSenderTrust(config, [stamping!], () => undefined);
    const names = ({ timeAuthorities = [] }: typeof senders): string[] => timeAuthorities.map(({ subject }) => subject);
    expect(names(senders)).toEqual([expect.stringContaining("senders"), expect.stringContaining("ours")]);
    expect(names(trust!)).toEqual(names(senders));
    const alone = await openSenderTrust(loadConfig({ environment: { DATA_DIR: folder } }), [stamping!], () => undefined);
    expect(names(alone.senders)).toEqual([expect.stringContaining("ours")]);
    expect(alone.trust).toBeUndefined();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

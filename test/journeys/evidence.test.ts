/** The log's time-stamps of the real program: made by itself and by command, in receipts that prove offline, through kill, backup and restore; and of two instances on one MongoDB. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { initialise } from "../../src/adapters/mongo/init.ts";
import { describeOnMongo, newDatabase } from "../adapters/mongo/server.ts";
import { HAS_OPENSSL, openAuthority, type Authority } from "../adapters/tsa/authority.ts";
import { until } from "./program.ts";
import { fixture } from "./support/fixtures.ts";
import { get, idOf, submit } from "./support/requests.ts";
import { chartulary, startService, temporaryFolder, type Service } from "./support/service.ts";

const judged = HAS_OPENSSL ? describe : describe.skip;
const { bytes, mediaType } = fixture("prescription-without-narrative.json");
const isStamped = async (url: string, id: string): Promise<boolean> =>
  (await get(`${url}/documents/${id}/receipt`, "*/*")).text.includes('"evidence"');
const stampedBy = ({ url, folder }: Authority): Record<string, string> => ({ TSA_URL: url, TSA_TRUST_FILE: join(folder, "ca.pem") });

judged(`the log's time-stamps${HAS_OPENSSL ? "" : " (not judged: there is no OpenSSL)"}`, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let authority: Authority;
  let environment: Record<string, string>;

  beforeAll(async () => {
    folder = await temporaryFolder();
    authority = await openAuthority();
    environment = { DATA_DIR: join(folder.path, "data"), EVIDENCE_INTERVAL_SECONDS: "10", ...stampedBy(authority) };
  });
  afterAll(async () => {
    await authority.close();
    await folder.remove();
  });

  test("come by themselves, are renewed by command, and prove offline; a copy restored from a backup has them", async () => {
    const service = await startService({ dataFolder: join(folder.path, "data"), environment });
    const id = idOf(await submit(service.url, bytes, mediaType));
    await until(() => isStamped(service.url, id));
    const at = (name: string): string => join(folder.path, name);
    const verify = async (): ReturnType<typeof chartulary> => {
      await writeFile(at("document"), bytes);
      await writeFile(at("trust.json"), (await get(`${service.url}/trust.json`, "*/*")).bytes);
      await writeFile(at("receipt.json"), (await get(`${service.url}/documents/${id}/receipt`, "*/*")).bytes);
      return chartulary(["verify", at("document"), "--receipt", at("receipt.json"), "--trust", at("trust.json")]);
    };
    expect(await verify()).toMatchObject({ code: 0, output: expect.stringMatching(/pass +time +The log held this entry by .*: Clock 1/) });
    expect((await get(`${service.url}/documents/${id}/verify`, "text/html")).text).toContain("The log held this entry by");
    const renewed = await chartulary(["evidence", "renew", "--json"], environment);
    expect([renewed.code, JSON.parse(renewed.output)]).toEqual([0, expect.objectContaining({ number: 1, authority: "Clock 1" })]);
    // The running service has it, which another process entered.
    expect(await verify()).toMatchObject({ code: 0, output: expect.stringMatching(/the newest of 1 renewals, by Clock 1/) });
    await service.kill();
    const again = await startService({ dataFolder: join(folder.path, "data"), environment });
    await again.stop();
    const listed = await chartulary(["evidence"], environment);
    expect([listed.code, listed.output.trim().split("\n").length]).toEqual([0, 2]);
    const audited = await chartulary(["audit", "--json"], environment);
    expect([audited.code, JSON.parse(audited.output)]).toEqual([0, expect.objectContaining({ documents: 1, others: 2, findings: [] })]);
    expect(await chartulary(["backup", at("backup"), "--with-keys"], environment)).toMatchObject({ code: 0 });
    const restored = { ...environment, DATA_DIR: at("restored") };
    expect(await chartulary(["restore", at("backup")], { ...restored, KEYS_DIR: join(folder.path, "data", "keys"), WATERMARK_FILE: at("mark") })).toMatchObject({ code: 0 }); // prettier-ignore
    const there = await chartulary(["evidence"], { ...restored, KEYS_DIR: join(folder.path, "data", "keys"), WATERMARK_FILE: at("mark") });
    expect(there.output).toBe(listed.output);
    const stats = await chartulary(["stats", "--json"], environment);
    expect(JSON.parse(stats.output)).toMatchObject({ kinds: { deposit: 1, evidence: 2 } });
    const told = await chartulary(["evidence", "renew"], { DATA_DIR: join(folder.path, "data") });
    expect([told.code, told.errors]).toEqual([2, expect.stringContaining("TSA_URL")]);
  });
});

judged(`the log hashed anew${HAS_OPENSSL ? "" : " (not judged: there is no OpenSSL)"}`, () => {
  test("by command beside a service, is proved offline, audited, backed up, and stays what it was when it is killed", async () => {
    const folder = await temporaryFolder();
    const authority = await openAuthority({ digest: "sha512" });
    const environment = { DATA_DIR: join(folder.path, "data"), EVIDENCE_INTERVAL_SECONDS: "0", ...stampedBy(authority) };
    const service = await startService({ dataFolder: join(folder.path, "data"), environment });
    const id = idOf(await submit(service.url, bytes, mediaType));
    const at = (name: string): string => join(folder.path, name);
    const renewed = await chartulary(["evidence", "renew", "--hash", "sha512", "--json"], environment);
    expect([renewed.code, JSON.parse(renewed.output)]).toEqual([0, expect.objectContaining({ number: 0, hash: "sha512", authority: "Clock 1" })]);
    await writeFile(at("document"), bytes);
    await writeFile(at("trust.json"), (await get(`${service.url}/trust.json`, "*/*")).bytes);
    await writeFile(at("receipt.json"), (await get(`${service.url}/documents/${id}/receipt`, "*/*")).bytes);
    const verified = await chartulary(["verify", at("document"), "--receipt", at("receipt.json"), "--trust", at("trust.json")]);
    expect(verified).toMatchObject({
      code: 0,
      output: expect.stringMatching(/pass +time +This document and its seal were hashed anew by SHA-512, with the time-stamp of/),
    });
    expect((await get(`${service.url}/documents/${id}/verify`, "text/html")).text).toContain("hashed anew by SHA-512");
    // One that was erased has nothing left to be hashed, and is no fault.
    expect((await chartulary(["erase", id, "--reason", "misfiled", "--by", "me"], environment)).code).toBe(0);
    const again = await chartulary(["evidence", "renew", "--hash", "sha512", "--json"], environment);
    expect([again.code, again.errors, JSON.parse(again.output)]).toEqual([0, "", expect.objectContaining({ number: 1 })]);
    await service.kill();
    const listed = await chartulary(["evidence"], environment);
    expect([listed.code, listed.output]).toEqual([0, expect.stringMatching(/hashed anew by sha512 +by Clock 1/)]);
    const audited = await chartulary(["audit", "--json"], environment);
    expect([audited.code, JSON.parse(audited.output)]).toEqual([0, expect.objectContaining({ documents: 1, others: 5, findings: [] })]);
    expect(JSON.parse((await chartulary(["stats", "--json"], environment)).output)).toMatchObject({
      kinds: { deposit: 1, evidence: 2, renewal: 2, erasure: 1 },
    });
    expect(await chartulary(["backup", at("backup"), "--with-keys"], environment)).toMatchObject({ code: 0 });
    const restored = { ...environment, DATA_DIR: at("restored"), KEYS_DIR: join(folder.path, "data", "keys"), WATERMARK_FILE: at("mark") };
    expect(await chartulary(["restore", at("backup")], restored)).toMatchObject({ code: 0 });
    expect((await chartulary(["evidence"], restored)).output).toBe(listed.output);
    const refused = await chartulary(["evidence", "renew", "--hash", "md5"], environment);
    expect([refused.code, refused.errors]).toEqual([2, expect.stringContaining("sha512 is the one")]);
    await authority.close();
    await folder.remove();
  });
});

describeOnMongo("two instances on one database", (server) => {
  const onMongo = HAS_OPENSSL ? test : test.skip;
  onMongo("enter each time-stamp once, and both have it", async () => {
    const folder = await temporaryFolder();
    const authority = await openAuthority({ digest: "sha512" });
    const url = newDatabase(server);
    await initialise(url, undefined);
    const environment = { KEYS_DIR: join(folder.path, "keys"), MONGODB_URL: url, EVIDENCE_INTERVAL_SECONDS: "10", ...stampedBy(authority) };
    const start = (): Promise<Service> => startService({ dataFolder: join(folder.path, "data"), environment });
    const services = [await start(), await start()];
    const [first, second] = services as [Service, Service];
    const id = idOf(await submit(first.url, bytes, mediaType));
    await until(async () => (await isStamped(first.url, id)) && (await isStamped(second.url, id)));
    // Each that runs has what another process hashed anew.
    const renewed = await Promise.all([1, 2].map(() => chartulary(["evidence", "renew", "--hash", "sha512"], environment)));
    expect(renewed.map(({ code, errors }) => [code, errors])).toEqual([0, 0].map((code) => [code, ""]));
    for (const { url: own } of services) expect((await get(`${own}/documents/${id}/receipt`, "*/*")).text).toContain("chartulary-renewal/1");
    for (const service of services) await service.stop();
    const audited = await chartulary(["audit", "--json"], environment);
    expect([audited.code, JSON.parse(audited.output)]).toEqual([0, expect.objectContaining({ documents: 1, findings: [] })]);
    await authority.close();
    await folder.remove();
  });
});

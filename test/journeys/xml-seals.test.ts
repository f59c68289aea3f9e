/** XML seals of the real program: made behind the deposit, told in Provenance and receipt, verified offline, one for each document whatever happens to the service, and gone with the document. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SignedXml } from "xml-crypto";
import { readXmlTree, elementsOf } from "../../src/core/crypto/xml-tree.ts";
import { until } from "./program.ts";
import { fixture } from "./support/fixtures.ts";
import { get, idOf, submit } from "./support/requests.ts";
import { chartulary, startService, temporaryFolder, type Service } from "./support/service.ts";

interface Provenance {
  readonly meta: { readonly versionId: string };
  readonly signature: readonly { readonly sigFormat: string; readonly targetFormat: string; readonly data: string }[];
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let service: Service;
const ids: string[] = [];
const start = (): Promise<Service> => startService({ dataFolder: join(folder.path, "data"), environment: { XML_SEALS: "1" } });
const at = (name: string): string => join(folder.path, name);
const deposit = async (name: string): Promise<string> => {
  const id = idOf(await submit(service.url, fixture(name).bytes, fixture(name).mediaType));
  ids.push(id);
  return id;
};

async function provenance(id: string): Promise<Provenance> {
  const { text } = await get(`${service.url}/fhir/Provenance/${id}.seal`, "application/fhir+json");
  return JSON.parse(text) as Provenance;
}

async function sealedTwice(id: string): Promise<Provenance> {
  await until(async () => (await provenance(id)).signature.length === 2);
  return provenance(id);
}

beforeAll(async () => {
  folder = await temporaryFolder();
  service = await start();
});

afterAll(async () => {
  await service.stop();
  await folder.remove();
});

test("a document gets one behind its deposit, and its Provenance another version", async () => {
  const id = await deposit("discharge-summary-long.json");
  const { meta, signature } = await sealedTwice(id);
  expect([meta.versionId, signature.map(({ sigFormat }) => sigFormat)]).toEqual(["2", ["application/jose", "application/signature+xml"]]);
  const first = await get(`${service.url}/fhir/Provenance/${id}.seal/_history/1`, "application/fhir+json");
  expect((JSON.parse(first.text) as Provenance).signature).toHaveLength(1);
  const found = await get(`${service.url}/fhir/Provenance?target=Bundle/${id}`, "application/fhir+json");
  expect(found.text).toContain(signature[1]?.data);
  const page = (await get(`${service.url}/documents/${id}`, "text/html")).text;
  expect(page).toMatch(/Seal of this repository over the XML form: <bdi>[^<]+<\/bdi>[^]*?<span class="label">Time-stamp<\/span> none/);
});

test("the receipt brings it along, and the verifier checks it offline", async () => {
  const [id = ""] = ids;
  await sealedTwice(id);
  await writeFile(at("receipt.json"), (await get(`${service.url}/documents/${id}/receipt`, "*/*")).bytes);
  await writeFile(at("trust.json"), (await get(`${service.url}/trust.json`, "*/*")).bytes);
  await writeFile(at("document.xml"), (await get(`${service.url}/fhir/Bundle/${id}`, "application/fhir+xml")).bytes);
  const verify = (): ReturnType<typeof chartulary> =>
    chartulary(["verify", at("document.xml"), "--receipt", at("receipt.json"), "--trust", at("trust.json")]);
  expect(await verify()).toMatchObject({ code: 0, output: expect.stringMatching(/pass +seal +The XML seal of/) });
  const receipt = (await get(`${service.url}/documents/${id}/receipt`, "*/*")).text;
  await writeFile(at("receipt.json"), receipt.replace(/(<xades:SigningTime>\d{3})\d/, "$19"));
  // The document stands without it, and a false seal is told loudly. Beside a compact seal that does not hold, it fails like that one.
  expect(await verify()).toMatchObject({
    code: 0,
    output: expect.stringMatching(
      /DAMAGED +seal +The XML seal [^]*\nproven: the document itself is; something beside it is DAMAGED, as told above\.\n/,
    ),
  });
  const served = (await get(`${service.url}/fhir/Bundle/${id}`, "application/fhir+xml")).text;
  await writeFile(at("document.xml"), served.replace('<title value="', '<title value="x'));
  expect(await verify()).toMatchObject({ code: 1, output: expect.stringMatching(/FAIL +seal +The XML seal/) });
});

test("a library that knows nothing of us confirms the signature", async () => {
  const [id = ""] = ids;
  const text = Buffer.from((await sealedTwice(id)).signature[1]?.data ?? "", "base64").toString();
  const certificate = /<ds:X509Certificate>([^<]+)</.exec(text)?.[1] ?? "";
  const signed = new SignedXml({ publicCert: `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----` });
  expect(elementsOf(readXmlTree(text)).map(({ local }) => local)).toEqual(["SignedInfo", "SignatureValue", "KeyInfo", "Object"]);
  signed.loadSignature(text);
  expect(signed.getReferences().map(({ uri }) => uri)).toEqual([`urn:uuid:${id}`, "#sealed-properties"]);
});

test("one that was altered takes nothing from the document: it is found and read, its Provenance has the compact seal, and page, receipt and verification tell", async () => {
  const [id = ""] = ids;
  await sealedTwice(id);
  const database = new DatabaseSync(join(folder.path, "data", "chartulary.db"), { timeout: 5_000 });
  for (const { name } of database.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all())
    database.exec(`DROP TRIGGER ${String(name)}`);
  const set = database.prepare("UPDATE entries SET evidence = ? WHERE kind = 'seal' AND document_id = ?");
  const kept = database.prepare("SELECT evidence FROM entries WHERE kind = 'seal' AND document_id = ?").get(id)?.["evidence"] as Uint8Array;
  try {
    set.run(new Uint8Array(100), id);
    expect((await provenance(id)).signature).toHaveLength(1);
    const found = JSON.parse((await get(`${service.url}/fhir/Bundle?_id=${id}&_revinclude=Provenance:target`, "application/fhir+json")).text) as {
      readonly entry: readonly { readonly resource: { readonly resourceType: string } }[];
    };
    expect(found.entry.map(({ resource }) => resource.resourceType)).toEqual(["Bundle", "Provenance"]);
    expect((await get(`${service.url}/documents/${id}/receipt`, "*/*")).text).toContain("what the repository keeps of it is damaged");
    const verified = (await get(`${service.url}/documents/${id}/verify`, "text/html")).text;
    expect(verified).toMatch(/class="verdict doubtful"[^]*The document itself is proven[^]*class="check damaged"/);
  } finally {
    set.run(kept, id);
    database.close();
  }
  expect((await provenance(id)).signature).toHaveLength(2);
});

test("killed at any moment, the service makes each once; the audit finds nothing; an erased document keeps none", async () => {
  for (const name of ["referral-french.xml", "patient-summary.json"]) {
    await deposit(name).catch(() => undefined);
    await service.kill();
    service = await start();
  }
  for (const id of ids) await sealedTwice(id);
  const [id = ""] = ids;
  await service.stop();
  const environment = { DATA_DIR: join(folder.path, "data") };
  expect(await chartulary(["audit"], environment)).toMatchObject({ code: 0 });
  expect(await chartulary(["erase", id, "--reason", "misfiled", "--by", "A. Smith"], environment)).toMatchObject({ code: 0 });
  expect(await chartulary(["audit"], environment)).toMatchObject({ code: 0 });
  service = await start();
  expect((await get(`${service.url}/fhir/Provenance/${id}.seal`, "application/fhir+json")).status).toBe(410);
});

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { gunzipSync } from "node:zlib";
import { utf8 } from "../../../src/core/crypto/bytes.ts";
import { digestOf } from "../../../src/core/crypto/digest.ts";
import { formatTrust, trustOf } from "../../../src/core/formats/trust.ts";
import { exportedFiles } from "../../../src/interactions/fhir/bulk/erased-exports.ts";
import { verifyExport, type ExportReport } from "../../../src/pipeline/verify/verify-export.ts";
import { R4 } from "../../r4.ts";
import { openBulkHouse, type BulkHouse, type Manifest } from "./bulk-house.ts";

let bulk: BulkHouse;
const ids: string[] = [];
const LIMIT = 120_000;

beforeAll(async () => {
  bulk = await openBulkHouse();
  ids.push(await bulk.deposit({ name: "one", house: "A", person: "1" }));
  ids.push(await bulk.deposit({ name: "two", house: "B", person: "2" }));
  ids.push(await bulk.deposit({ name: "three", house: "A", person: "1" }));
}, LIMIT);
afterAll(() => bulk.house.close());

const idsOf = (lines: readonly { readonly id: string }[]): string[] => lines.map(({ id }) => id).sort();

/** What somebody proves who has the files. @param change what was altered of them on the way */
async function verified(
  caller: string,
  manifest: Manifest,
  text: string,
  change: (file: string, url: string) => string | undefined = (file) => file,
): Promise<ExportReport> {
  const { leaves } = manifest.extension.chartulary.log;
  const urls = [...manifest.output, ...manifest.error, ...manifest.deleted, ...(leaves ? [leaves] : [])].map(({ url }) => url);
  const held = await Promise.all(
    urls.map(async (url) => {
      const file = change((await bulk.file(caller, url)).body.toString("latin1"), url);
      const bytes = file === undefined ? undefined : Buffer.from(file, "latin1");
      return bytes ? [{ name: url, digest: digestOf(bytes), read: () => pieces(bytes) }] : [];
    }),
  );
  const trust = utf8(formatTrust(trustOf(bulk.house.keys)));
  return verifyExport({ manifest: utf8(text), trust, files: held.flat(), definitions: R4.definitions });
}

/** As they come over a network. */
async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1_000) yield await Promise.resolve(bytes.subarray(at, at + 1_000));
}

describe("an export", () => {
  test("is begun by Prefer: respond-async alone, of what is offered", async () => {
    expect((await bulk.by("all", "/fhir/$export")).status).toBe(400);
    const headers = { Prefer: "respond-async" };
    for (const path of [
      "/fhir/$export?colour=red",
      "/fhir/$export?_type=Unicorn",
      "/fhir/$export?_since=today",
      "/fhir/$export?_outputFormat=text/csv",
      "/fhir/$export?patient=Patient/1",
    ])
      expect((await bulk.by("all", path, { headers })).status).toBe(400);
    expect((await bulk.by("all", "/fhir/Group/1/$export", { headers })).status).toBe(404);
    expect((await bulk.by("patients", "/fhir/$export", { headers })).status).toBe(403);
    expect((await bulk.by("anonymous", "/fhir/$export", { headers })).status).not.toBe(202);
    const { manifest } = await bulk.exported("all", "/fhir/$export?colour=red&_type=Patient").catch(() => ({ manifest: undefined }));
    expect(manifest).toBeUndefined();
  });

  test(
    "has each document whole, one a line, with what is known of it",
    async () => {
      const { manifest, job } = await bulk.exported("all", "/fhir/$export?_outputFormat=application/fhir%2Bndjson");
      expect(manifest).toMatchObject({ requiresAccessToken: true, error: [], deleted: [] });
      expect(manifest.request).toBe("https://documents.example.org/fhir/$export?_outputFormat=application/fhir%2Bndjson");
      expect(new Date(manifest.transactionTime).toISOString()).toBe(manifest.transactionTime);
      expect(manifest.output.map(({ type, count }) => [type, count]).sort()).toEqual([
        ["Bundle", 3],
        ["DocumentReference", 3],
      ]);
      const bundles = await bulk.lines("all", manifest.output, "Bundle");
      expect(idsOf(bundles)).toEqual([...ids].sort());
      const references = await bulk.lines("all", manifest.output, "DocumentReference");
      expect(references.every(({ resourceType }) => resourceType === "DocumentReference")).toBe(true);
      // A line is deposited again as the document that it is.
      const [first] = manifest.output.filter(({ type }) => type === "Bundle");
      const [line = ""] = (await bulk.file("all", first?.url ?? "")).body.toString("utf8").split("\n");
      const again = await bulk.by("filler", "/fhir/Bundle", { method: "POST", body: line });
      expect(again.status).toBe(200);
      expect(line).not.toContain("\r");
      // Nobody else's.
      expect((await bulk.file("ward", first?.url ?? "")).status).toBe(404);
      expect(job.owner).toMatchObject({ subject: "all" });
    },
    LIMIT,
  );

  test(
    "is packed as it is kept, and given in ranges",
    async () => {
      const { manifest } = await bulk.exported("all", "/fhir/$export?_type=Bundle");
      const url = manifest.output[0]?.url ?? "";
      const plain = await bulk.file("all", url);
      expect(plain.headers).toMatchObject({
        "content-type": "application/fhir+ndjson",
        "accept-ranges": "bytes",
        "content-length": String(plain.body.length),
      });
      const packed = await bulk.file("all", url, { "Accept-Encoding": "br, gzip" });
      expect(packed.headers["content-encoding"]).toBe("gzip");
      expect(gunzipSync(packed.body).equals(plain.body)).toBe(true);
      // Whoever broke off in the packed form gets nothing of the plain one to put behind it.
      const other = await bulk.file("all", url, { Range: "bytes=0-1", "If-Range": String(packed.headers["etag"]) });
      expect([other.status, other.body.equals(plain.body)]).toEqual([200, true]);
      expect((await bulk.file("all", url, { Range: "bytes=0-1", "If-Range": String(plain.headers["etag"]) })).status).toBe(206);
      const range = await bulk.file("all", url, { Range: "bytes=10-19", "Accept-Encoding": "gzip" });
      expect(range.status).toBe(206);
      expect(range.headers["content-range"]).toBe(`bytes 10-19/${plain.body.length}`);
      expect(range.body.equals(plain.body.subarray(10, 20))).toBe(true);
      expect((await bulk.file("all", url, { Range: "bytes=-5" })).body.equals(plain.body.subarray(-5))).toBe(true);
      expect((await bulk.file("all", url, { Range: `bytes=${plain.body.length}-` })).status).toBe(416);
      expect((await bulk.file("all", url, { Range: "bytes=0-1", "If-Range": '"other"' })).status).toBe(200);
      expect((await bulk.by("all", new URL(url).pathname, { method: "DELETE" })).status).toBe(405);
      expect((await bulk.file("all", `${url}x`)).status).toBe(404);
      const head = await bulk.by("all", new URL(url).pathname, { method: "HEAD" });
      expect([head.status, head.body.length]).toEqual([200, 0]);
    },
    LIMIT,
  );

  test(
    "has nothing of what its owner may not know, of which nothing is told",
    async () => {
      const { manifest, text } = await bulk.exported("ward", "/fhir/$export?_type=Bundle,Patient,Observation");
      expect(idsOf(await bulk.lines("ward", manifest.output, "Bundle"))).toEqual([ids[0], ids[2]].sort());
      const all = JSON.stringify(await bulk.lines("ward", manifest.output)) + text;
      expect(all).not.toMatch(/zqtwo/i);
      const observations = await bulk.lines("ward", manifest.output, "Observation");
      expect(observations.map(({ id }) => id.split(".")[0]).sort()).toEqual([ids[0], ids[2]].sort());
      // That it lacks one is seen from the log, which is public.
      const { verdict, checks } = await verified("ward", manifest, text);
      expect(verdict).toBe("not-confirmed");
      expect(checks.find(({ name }) => name === "completeness")?.text).toContain(ids[1]);
    },
    LIMIT,
  );

  test(
    "of patients has theirs alone",
    async () => {
      const found = JSON.parse((await bulk.by("all", "/fhir/Patient?identifier=2")).body.toString("utf8")) as {
        readonly entry: readonly { readonly resource: { readonly id: string } }[];
      };
      const patient = found.entry[0]?.resource.id ?? "";
      const body = JSON.stringify({
        resourceType: "Parameters",
        parameter: [
          { name: "patient", valueReference: { reference: `Patient/${patient}` } },
          { name: "_type", valueString: "Bundle,Patient,Observation,DocumentReference" },
        ],
      });
      const begun = await bulk.by("all", "/fhir/Patient/$export", { method: "POST", body, headers: { Prefer: "respond-async" } });
      expect(begun.status).toBe(202);
      const everybody = await bulk.exported("all", "/fhir/Patient/$export");
      expect(everybody.manifest.output.map(({ type }) => type).sort()).toEqual(["Bundle", "DocumentReference", "Patient"]);
      expect(everybody.manifest.output.find(({ type }) => type === "Bundle")?.count).toBe(3);
      const { manifest } = await bulk.exported("all", `/fhir/Patient/$export?patient=Patient/${patient}&_type=Bundle,Observation,DocumentReference`);
      expect(idsOf(await bulk.lines("all", manifest.output, "Bundle"))).toEqual([ids[1]]);
      expect(manifest.output.map(({ type, count }) => [type, count]).sort()).toEqual([["Bundle", 1], ["DocumentReference", 1], ["Observation", 1]]); // prettier-ignore
      // Whom the ward may not know is nobody.
      const other = await bulk.exported("ward", `/fhir/Patient/$export?patient=Patient/${patient}`);
      expect(other.manifest).toMatchObject({ output: [], error: [] });
    },
    LIMIT,
  );

  test(
    "is narrowed by searches, elements and time, and has the submitted bytes where they are asked for",
    async () => {
      const named = await bulk.exported(
        "all",
        `/fhir/$export?_type=Patient,Binary&_typeFilter=${encodeURIComponent("Patient?family=Zqonefamily")}&_elements=Patient.name`,
      );
      const patients = await bulk.lines("all", named.manifest.output, "Patient");
      expect(patients.length).toBeGreaterThan(0);
      expect(patients.every((one) => JSON.stringify(one).includes("Zqonefamily") && !("gender" in one))).toBe(true);
      const [binary] = await bulk.lines("all", named.manifest.output, "Binary");
      const original = await bulk.by("all", `/fhir/Binary/${binary?.id ?? ""}`, { headers: { Accept: "*/*" } });
      expect(Buffer.from(String(binary?.["data"]), "base64").equals(original.body)).toBe(true);
      const until = await bulk.exported("all", `/fhir/$export?_type=Bundle&_until=${encodeURIComponent(new Date(0).toISOString())}`);
      expect(until.manifest.output).toEqual([]);
    },
    LIMIT,
  );

  test(
    "tells what was passed over, and of what a token opens nothing",
    async () => {
      const begun = await bulk.by("patients", "/fhir/$export?_type=Patient,Bundle&colour=red", {
        headers: { Prefer: "respond-async, handling=lenient" },
      });
      expect(begun.status).toBe(202);
      const { manifest } = await bulk.exported("patients", "/fhir/$export?_type=Patient,Bundle");
      expect(manifest.output.map(({ type }) => type)).toEqual(["Patient"]);
      const [told] = await bulk.lines("patients", manifest.error);
      expect(JSON.stringify(told)).toContain("No scope opens Bundle");
    },
    LIMIT,
  );
});

describe("whoever holds an export", () => {
  test(
    "proves that it is whole, and sees whatever was done to it",
    async () => {
      const { manifest, text } = await bulk.exported("all", "/fhir/$export");
      const whole = await verified("all", manifest, text);
      expect(whole).toMatchObject({ verdict: "proven", exitCode: 0 });
      expect(whole.checks.every(({ result }) => result === "pass")).toBe(true);

      const isBundle = (url: string): boolean => manifest.output.some((one) => one.url === url && one.type === "Bundle");
      const failing = async (changed: Promise<ExportReport>): Promise<string[]> =>
        (await changed).checks.filter(({ result }) => result !== "pass").map(({ name, result }) => `${name} ${result}`);
      // Altered and cut files bear a name of the manifest, and are not what it tells.
      for (const change of [(file: string) => file.replace("zqone", "zqnone"), (file: string) => file.slice(0, file.indexOf("\n") + 1)]) {
        const altered = await verified("all", manifest, text, (file, url) => (isBundle(url) ? change(file) : file));
        expect(altered.verdict).toBe("false");
        expect(altered.checks.filter(({ result }) => result === "fail").map(({ name }) => name)).toEqual(["files"]);
      }
      const ofLeaves = await verified("all", manifest, text, (file, url) => (url.endsWith("leaves") ? file.slice(1) : file));
      expect(ofLeaves.verdict).toBe("false");
      // What is not here at all is missing.
      const without = await verified("all", manifest, text, (file, url) => (isBundle(url) ? undefined : file));
      expect([without.verdict, without.checks.some(({ result }) => result === "fail")]).toEqual(["incomplete", false]);
      expect(await failing(verified("all", manifest, text, (file, url) => (url.endsWith("leaves") ? undefined : file)))).toContain(
        "documents not-made",
      );
      // An altered manifest is not what was signed, whatever else is altered with it.
      expect(await failing(verified("all", manifest, text.replace('"count":3', '"count":2')))).toContain("manifest signature fail");
      expect(await failing(verified("all", manifest, text.replace('"requiresAccessToken":true', '"requiresAccessToken":false')))).toContain(
        "manifest signature fail",
      );
      expect((await verified("all", manifest, "{}")).verdict).toBe("false");
    },
    LIMIT,
  );

  test(
    "goes on from its time, without leaving anything out, and is told what was erased since",
    async () => {
      const first = await bulk.exported("all", "/fhir/$export?_type=Bundle");
      const later = await bulk.deposit({ name: "four", house: "A", person: "3" });
      const doomed = await bulk.deposit({ name: "five", house: "A", person: "3" });
      const between = await bulk.exported("all", "/fhir/$export?_type=Bundle");
      await bulk.house.erase(doomed);
      const { manifest, text } = await bulk.exported(
        "all",
        `/fhir/$export?_type=Bundle&_since=${encodeURIComponent(first.manifest.transactionTime)}`,
      );
      expect(idsOf(await bulk.lines("all", manifest.output, "Bundle"))).toEqual([later]);
      expect(await bulk.lines("all", manifest.deleted)).toEqual([
        { resourceType: "Bundle", type: "transaction", entry: [{ request: { method: "DELETE", url: `Bundle/${doomed}` } }] },
      ]);
      expect(await verified("all", manifest, text)).toMatchObject({ verdict: "proven" });
      // What tells of erasures removes what holds it, and nothing else.
      const bytesOf = async ({ job }: typeof between): Promise<number> => {
        let length = 0;
        const files = bulk.house.jobs.jobs.filesOf(job.id);
        for (const { file } of exportedFiles(job)) for await (const some of files.read(file)) length += some.length;
        return length;
      };
      expect(await bytesOf(between)).toBeGreaterThan(0);
      const length = await bytesOf(first);
      await bulk.house.jobs.erased(doomed);
      await expect(bytesOf(between)).rejects.toMatchObject({ code: "gone" });
      expect(await bytesOf(first)).toBe(length);
      // A file that holds it is gone, and says what to do.
      const gone = await bulk.file("all", between.manifest.output[0]?.url ?? "");
      expect(gone.status).toBe(410);
      expect(gone.body.toString("utf8")).toContain("new export");
      expect((await bulk.file("all", first.manifest.output[0]?.url ?? "")).status).toBe(200);
    },
    LIMIT,
  );
});

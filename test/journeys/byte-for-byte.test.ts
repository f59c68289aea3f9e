/** What was acknowledged is there to the last byte, of every size at which a document goes another way through the program, signed or not, in both forms; and whoever proves it finds it so. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { readJson } from "../../src/core/fhir/json/read-json.ts";
import { STORED_READ_LIMITS } from "../../src/core/fhir/reading/read-limits.ts";
import { SourceText } from "../../src/core/fhir/reading/source-text.ts";
import { writeXml } from "../../src/core/fhir/xml/write-xml.ts";
import { R4 } from "../r4.ts";
import { documentJson } from "./documents.ts";
import { get, idOf, submit, type MediaType } from "./support/requests.ts";
import { startService, temporaryFolder, type Service } from "./support/service.ts";

/** Around each bound of docs/limits.md at which work goes to another thread, and far from them. */
const SIZES = [6_000, 31_000, 64_000, 99_000, 101_000, 114_000, 127_000, 129_000, 300_000, 1_100_000];
/** No true signature: what is looked at is the way that the document takes. */
const SIGNATURE = `"signature": { "type": [{ "system": "urn:iso-astm:E1762-95:2013", "code": "1.2.840.10065.1.12.1.1" }], "when": "2026-03-14T09:30:00+01:00", "who": { "display": "A. Meyer" }, "sigFormat": "application/jose", "data": "${Buffer.from("eyJhbGciOiJFUzI1NiJ9..c2lnbmF0dXJl").toString("base64")}" },`;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let service: Service;
beforeAll(async () => {
  folder = await temporaryFolder();
  service = await startService({ dataFolder: folder.path });
});
afterAll(async () => {
  await service.stop();
  await folder.remove();
});

function documentOf(size: number, isSigned: boolean, mediaType: MediaType): string {
  const least = documentJson().length;
  const json = documentJson({ words: "Potassium 2.00 ".repeat(Math.ceil((size - least) / 15)) });
  const text = isSigned ? json.replace('"type": "document",', `"type": "document", ${SIGNATURE}`) : json;
  if (mediaType === "application/fhir+json") return text;
  const { resource } = readJson(new SourceText(text), STORED_READ_LIMITS);
  if (!resource) throw new Error("the test's own document cannot be read");
  return writeXml(resource, R4.definitions);
}

test.each(
  SIZES.flatMap((size) =>
    [false, true].flatMap((isSigned) => (["application/fhir+json", "application/fhir+xml"] as const).map((form) => [size, isSigned, form] as const)),
  ),
)("%i bytes, signed: %s, %s", async (size, isSigned, mediaType) => {
  const body = documentOf(size, isSigned, mediaType);
  const id = idOf(await submit(service.url, body, mediaType));
  const kept = await get(`${service.url}/fhir/Binary/${id}`, "*/*");
  expect([kept.status, kept.text.length]).toEqual([200, body.length]);
  expect(kept.text === body).toBe(true);
  const report = JSON.parse((await get(`${service.url}/documents/${id}/verify`, "application/json")).text) as {
    verdict: string;
    checks: { name: string; result: string }[];
  };
  expect(report.checks.filter(({ result }) => result === "fail")).toEqual([]);
  expect(report.verdict).not.toBe("false");
});

/** The verifier of the real program in a real browser: on its page, and as the file that it gives, with what it sealed, printed and proved, and what an earlier version left behind. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { cpSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { openVerifierInBrowser, type Chosen, type PrintedReport, type VerifierInBrowser } from "../browser/verifier.ts";
import { until } from "./program.ts";
import { fixture } from "./support/fixtures.ts";
import { get, idOf, submit } from "./support/requests.ts";
import { chartulary, PROJECT_ROOT, startService, temporaryFolder, type Service } from "./support/service.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let service: Service;
/** On the service's page, and in the file that it gave. */
let onPage: VerifierInBrowser;
let alone: VerifierInBrowser;
let id: string;
let trust: Uint8Array;
let receipt: Uint8Array;

const give = async (path: string, accept = "*/*"): Promise<Uint8Array> => {
  const { status, bytes } = await get(`${service.url}${path}`, accept);
  expect([path, status]).toEqual([path, 200]);
  return bytes;
};

beforeAll(async () => {
  folder = await temporaryFolder();
  // What an earlier version sealed stands in the same log.
  cpSync(join(PROJECT_ROOT, "fixtures/data-folders/0.1.0"), join(folder.path, "data"), { recursive: true });
  service = await startService({ dataFolder: join(folder.path, "data"), environment: { XML_SEALS: "1" } });
  const { bytes, mediaType } = fixture("discharge-summary-long.json");
  // Without another identifier it is the same document as a sample of that version.
  id = idOf(await submit(service.url, anew(bytes), mediaType));
  await until(async () => Buffer.from(await give(`/documents/${id}/receipt`)).includes("xades:"));
  [trust, receipt] = [await give("/trust.json"), await give(`/documents/${id}/receipt`)];
  const { headers, bytes: file } = await get(`${service.url}/verify.html`, "text/html");
  expect(headers.get("content-disposition")).toBe('attachment; filename="verify.html"');
  await writeFile(join(folder.path, "verify.html"), file);
  onPage = await openVerifierInBrowser(`${service.url}/verify`);
  alone = await openVerifierInBrowser(pathToFileURL(join(folder.path, "verify.html")).href);
});

afterAll(async () => {
  await onPage.close();
  await alone.close();
  await service.stop();
  await folder.remove();
});

/** The same document under an identifier of its own. */
function anew(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString("utf8");
  return Buffer.from(text.replace(/"identifier": ?\{[^}]*\}/, () => '"identifier":{"system":"https://example.org/letters","value":"in a browser"}'));
}

/** Asks both, and the command line. */
async function same(chosen: Chosen): Promise<PrintedReport> {
  const options = Object.entries(chosen).flatMap(([field, content]) => [
    ...(field === "document" ? [] : [`--${field}`]),
    alone.put(`line-${field}`, content),
  ]);
  const printed = JSON.parse((await chartulary(["verify", "--json", ...options])).output) as PrintedReport;
  for (const verifier of [onPage, alone]) expect({ ...(await verifier.verify(chosen)), file: "" }).toEqual({ ...printed, file: "" });
  return printed;
}

describe("page and file say what the command line says", () => {
  test("of the document as it was sent and as it is served, with its seals and its deposit record", async () => {
    const record = await give(`/documents/${id}/record`);
    for (const document of [
      await give(`/fhir/Binary/${id}`),
      await give(`/fhir/Bundle/${id}`, "application/fhir+json"),
      await give(`/fhir/Bundle/${id}`, "application/fhir+xml"),
    ]) {
      const report = await same({ document, receipt, trust, record });
      expect([
        report.verdict,
        report.checks.some(({ name, result, text }) => name === "seal" && result === "pass" && text.startsWith("The XML seal")),
      ]).toEqual(["proven", true]);
    }
  });

  test("of an XML seal that was altered, and of a document that was", async () => {
    const altered = Buffer.from(receipt)
      .toString("utf8")
      .replace(/(<xades:SigningTime>\d{3})\d/, "$19");
    const document = await give(`/fhir/Bundle/${id}`, "application/fhir+xml");
    const damaged = await same({ document, receipt: altered, trust });
    expect([damaged.verdict, damaged.checks.filter(({ result }) => result === "damaged").length]).toEqual(["proven", 1]);
    const forged = Buffer.from(document).toString("utf8").replace('<title value="', '<title value="x');
    expect((await same({ document: forged, receipt, trust })).verdict).toBe("false");
  });

  test("of a PDF, whole and flipped in one bit", async () => {
    const document = await give(`/documents/${id}.pdf`, "application/pdf");
    expect((await same({ document, trust })).verdict).toBe("proven");
    expect((await same({ document: document.map((byte, at) => (at === 30_000 ? byte ^ 1 : byte)), trust })).verdict).toBe("false");
  });

  test("of every document of an earlier version", async () => {
    const listed = JSON.parse((await get(`${service.url}/fhir/Bundle?_count=50&_elements=id`, "application/fhir+json")).text) as {
      readonly entry: readonly { readonly resource: { readonly id: string } }[];
    };
    const others = listed.entry.map(({ resource }) => resource.id).filter((other) => other !== id);
    expect(others).toHaveLength(16);
    for (const other of others)
      expect((await same({ document: await give(`/fhir/Binary/${other}`), receipt: await give(`/documents/${other}/receipt`), trust })).checks.filter(({ result }) => result === "fail" || result === "not-made")).toEqual([]); // prettier-ignore
  });
});

describe("the page of a service", () => {
  test("takes its repository's trust file where none is chosen, and says so", async () => {
    const document = await give(`/fhir/Binary/${id}`);
    expect((await onPage.verify({ document, receipt })).verdict).toBe("proven");
    expect(await onPage.opened.text()).toContain("of this repository");
    // The file knows no repository.
    expect((await alone.verify({ document, receipt })).verdict).toBe("not-confirmed");
  });

  test("sends nothing: what it loaded are page, styles, fonts, script and the script's threads", async () => {
    const threads: string[] = [];
    onPage.opened.page.on("workercreated", (thread) => void threads.push(new URL(thread.url()).pathname));
    await onPage.verify({ document: "{}", receipt });
    const asked = onPage.opened.requests.map((address) => new URL(address).pathname);
    expect(asked[0]).toBe("/verify");
    expect(asked.slice(1).filter((path) => !path.startsWith("/assets/"))).toEqual([]);
    expect(threads).toEqual(asked.filter((path) => path.endsWith(".js")).slice(0, 1));
    expect(onPage.opened.complaints).toEqual([]);
    const { headers } = await get(`${service.url}/verify`, "text/html");
    expect(headers.get("content-security-policy")).toContain("connect-src 'none'");
  });

  test("works without script as before, with the same words and the deposit record too", async () => {
    const form = new FormData();
    const files = { document: await give(`/fhir/Binary/${id}`), receipt, trust, record: await give(`/documents/${id}/record`) };
    for (const [name, bytes] of Object.entries(files)) form.set(name, new File([new Uint8Array(bytes)], name));
    const answer = await fetch(`${service.url}/verify`, { method: "POST", body: form, headers: { Accept: "application/json", Origin: service.url } });
    const { output } = await chartulary(["verify", "--json", ...Object.entries(files).flatMap(([name, bytes]) => [...(name === "document" ? [] : [`--${name}`]), alone.put(name, bytes)])]); // prettier-ignore
    expect({ ...((await answer.json()) as object), file: "" }).toEqual({ ...(JSON.parse(output) as object), file: "" });
  });
});

/**
 * IPF's client of IHE MHD (Open eHealth Integration Platform, Camel, Java 17) against the real program: it sends ITI-65 and ITI-105 and asks ITI-66 and ITI-67. It runs where `IPF_CLASSPATH` names the jars of
 * `org.openehealth.ipf.platform-camel:ipf-platform-camel-ihe-fhir-r4-mhd` and all that they need, and Java is there; what it did once is told in docs/design/mhd.md, "Judged".
 */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { submission, urnOid } from "../http/fhir/mhd-submission.ts";
import { documentJson } from "./documents.ts";
import { removeFolder, startProgram, temporaryFolder, type Program } from "./program.ts";

const CLASSPATH = process.env["IPF_CLASSPATH"] ?? "";
const SOURCE = fileURLToPath(new URL("ipf/AskMhd.java", import.meta.url));
const SYSTEM = "urn:oid:2.16.756.5.32.99";
const missing =
  CLASSPATH === "" ? "IPF_CLASSPATH names no jars of IPF" : spawnSync("java", ["-version"]).status === 0 ? undefined : "there is no java";

/** Ids and not too exact a number: HAPI writes a document anew before it sends it. */
function document(): string {
  const bundle = JSON.parse(documentJson().replace('"value": 2.00', '"value": 2.5')) as { entry: { fullUrl: string; resource: object }[] };
  for (const one of bundle.entry) one.resource = { ...one.resource, id: one.fullUrl.slice("urn:uuid:".length) };
  return JSON.stringify(bundle);
}

function published(): string {
  const text = document();
  const hash = createHash("sha1").update(text).digest("base64");
  const attachment = { contentType: "application/fhir+json", data: Buffer.from(text).toString("base64"), hash, size: Buffer.byteLength(text) };
  return JSON.stringify({
    resourceType: "DocumentReference",
    masterIdentifier: { use: "usual", system: "urn:ietf:rfc:3986", value: urnOid() },
    status: "current",
    subject: { reference: "https://pix.example.org/Patient/7", identifier: { system: SYSTEM, value: "J-4711" } },
    content: [{ attachment }],
  });
}

interface Answer {
  readonly resourceType: string;
  readonly type?: string;
  readonly total?: number;
  readonly id?: string;
  readonly entry?: readonly {
    readonly resource?: { readonly resourceType: string; readonly id: string };
    readonly response?: { readonly status: string; readonly location: string };
  }[];
  readonly content?: readonly { readonly attachment: { readonly url?: string; readonly data?: string } }[];
}

(missing === undefined ? describe : describe.skip)(`IPF's client of IHE MHD${missing === undefined ? "" : `, left out: ${missing}`}`, () => {
  let program: Program;
  const answers = new Map<string, Answer>();
  beforeAll(async () => {
    program = await startProgram({ env: { PATIENT_SYSTEMS: SYSTEM } });
    const folder = temporaryFolder();
    for (const as of ["bundle", "binary"] as const)
      writeFileSync(join(folder, `provide-${as}.json`), submission({ documents: [{ text: document(), as }] }));
    writeFileSync(join(folder, "published.json"), published());
    const address = `${program.url.slice("http://".length)}/fhir`;
    const { stdout, stderr } = spawnSync("java", ["-cp", CLASSPATH, SOURCE, address, folder, SYSTEM, "J-4711"], {
      encoding: "utf8",
      timeout: 240_000,
    });
    removeFolder(folder);
    for (const line of stdout.split("\n")) {
      const [name = "", verdict, said = ""] = line.split("\t");
      if (verdict === "FAIL") throw new Error(`${name}: ${said}`);
      if (verdict === "OK") answers.set(name, JSON.parse(said) as Answer);
    }
    if (answers.size === 0) throw new Error(stderr.slice(-2_000));
  });
  afterAll(async () => {
    await program.end("SIGTERM");
    removeFolder(program.dataFolder);
  });

  const typesOf = (name: string): string[] => (answers.get(name)?.entry ?? []).map(({ resource }) => resource?.resourceType ?? "").sort();

  test.each(["provide-bundle", "provide-binary"])("ITI-65, %s: three entries are created", (name) => {
    const { type, entry = [] } = answers.get(name) ?? {};
    expect([type, entry.map(({ response }) => response?.status)]).toEqual(["transaction-response", Array<string>(3).fill("201 Created")]);
    expect(entry.map(({ response }) => /\/fhir\/([A-Z]\w+)\//.exec(response?.location ?? "")?.[1])).toEqual([
      "List",
      "DocumentReference",
      name === "provide-bundle" ? "Bundle" : "Binary",
    ]);
  });

  test("ITI-105: the DocumentReference comes back with an address in the place of the document", async () => {
    const { resourceType, content = [] } = answers.get("publish") ?? {};
    const { url = "", data } = content[0]?.attachment ?? {};
    expect([resourceType, data]).toEqual(["DocumentReference", undefined]);
    // ITI-68 is a plain GET.
    const answer = await fetch(url, { headers: { Accept: "application/fhir+json" } });
    expect([answer.status, ((await answer.json()) as Answer).resourceType]).toEqual([200, "Bundle"]);
  });

  test("ITI-67: all references of the patient", () => {
    expect(typesOf("references")).toEqual(Array(3).fill("DocumentReference"));
  });

  test("ITI-66: its own asks MHD 3's DocumentManifest, of which there is none; Lists are found in both forms and by GET and POST", () => {
    expect(typesOf("manifests")).toEqual([]);
    // Of what ITI-105 brought the SubmissionSet is made here.
    for (const form of ["JSON", "XML"])
      for (const style of ["GET", "POST"]) expect([form, style, typesOf(`lists ${form} ${style}`)]).toEqual([form, style, Array(3).fill("List")]);
  });
});

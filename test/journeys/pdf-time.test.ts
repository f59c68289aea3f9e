/** PDFs of the real program beside a time-stamp authority (OpenSSL's): PAdES B-T while it answers, B-B that says so while it does not. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HAS_OPENSSL, openAuthority, POLICY, type Authority } from "../adapters/tsa/authority.ts";
import { fixture } from "./support/fixtures.ts";
import { get, idOf, submit } from "./support/requests.ts";
import { chartulary, startService, temporaryFolder, type Service } from "./support/service.ts";

const judged = HAS_OPENSSL ? describe : describe.skip;
judged(`PDFs beside a time-stamp authority${HAS_OPENSSL ? "" : " (not judged: there is no OpenSSL)"}`, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let authority: Authority;
  let service: Service;
  let isWell = true;
  let id = "";

  beforeAll(async () => {
    folder = await temporaryFolder();
    authority = await openAuthority({ answer: (made, response) => (isWell ? made : void response.writeHead(503).end()) });
    const environment = { TSA_URL: authority.url, TSA_TRUST_FILE: join(authority.folder, "ca.pem"), TSA_POLICY: POLICY };
    service = await startService({ dataFolder: join(folder.path, "data"), environment });
    const { bytes, mediaType } = fixture("prescription-without-narrative.json");
    id = idOf(await submit(service.url, bytes, mediaType));
  });

  afterAll(async () => {
    await service.stop();
    await authority.close();
    await folder.remove();
  });

  const pdf = async (paper: string): Promise<{ readonly file: string; readonly level: string | null }> => {
    const { status, bytes, headers } = await get(`${service.url}/documents/${id}.pdf?paper=${paper}`, "application/pdf");
    expect(status).toBe(200);
    const file = join(folder.path, `${paper}.pdf`);
    await writeFile(file, bytes);
    return { file, level: headers.get("Chartulary-Pdf-Signature") };
  };

  test("are stamped, and proven by a trust file that names the authority", async () => {
    const { file, level } = await pdf("a4");
    expect(level).toBe("PAdES-B-T");
    const trust = join(folder.path, "trust.json");
    await writeFile(trust, (await get(`${service.url}/trust.json`, "*/*")).bytes);
    const { code, output } = await chartulary(["verify", file, "--trust", trust]);
    expect([code, output]).toEqual([0, expect.stringMatching(/pass +pdf time +The PDF was signed by .*Clock 1[^]*\nproven:/)]);
    // OpenSSL, which made the stamp, and Poppler, which has a hand of its own, agree.
    const { stdout, error } = spawnSync("pdfsig", [file], { encoding: "utf8" });
    if (error === undefined) expect(stdout).toContain("Signature is Valid");
  });

  test("say that they are not while the authority fails; there is a PDF all the same, and the log says why", async () => {
    isWell = false;
    const { file, level } = await pdf("letter");
    expect(level).toBe("PAdES-B-B; time-stamp=missing");
    expect(service.log()).toMatch(/"reason":"it answered 503".*a signature of ours, in a PDF or as an XML seal, was made without a time-stamp/);
    const { output } = await chartulary(["verify", file, "--trust", join(folder.path, "trust.json")]);
    expect(output).toMatch(/as it says itself[^]*\nproven:/);
    expect(output).not.toContain("pdf time");
  });
});

/** docs/formats.md, "Verifying by hand", as an auditor does it: the very lines that stand there, with openssl, jq and the usual tools. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask } from "../local-server.ts";

const [, section = ""] = readFileSync("docs/formats.md", "utf8").split("## Verifying by hand");
const [, steps = ""] = /```sh\n([^]*?)```/.exec(section) ?? [];
const isThere = ["bash", "jq", "openssl", "basenc", "perl", "xxd"].every((tool) => spawnSync(tool, ["--version"]).error === undefined);
const folder = mkdtempSync(join(tmpdir(), "by-hand-"));
let house: House;
const ids: string[] = [];

const get = async (path: string): Promise<Buffer> => Buffer.from((await ask(house.port, { path })).body);

beforeAll(async () => {
  house = await openHouse();
  for (let at = 0; at < 6; at += 1) {
    const { headers } = await ask(house.port, {
      method: "POST",
      path: "/fhir/Bundle",
      headers: { "Content-Type": "application/fhir+json" },
      body: documentJson(),
    });
    ids.push(headers.location?.split("/").at(-3) ?? "");
  }
});
afterAll(async () => {
  await house.close();
  rmSync(folder, { recursive: true });
});

/** What the steps print about a document, line by line. */
async function byHand(id: string, change: (text: string) => string = (text) => text): Promise<string[]> {
  writeFileSync(join(folder, "document.json"), change((await get(`/fhir/Binary/${id}`)).toString()));
  for (const [name, path] of [
    ["receipt.json", `/documents/${id}/receipt`],
    ["record.json", `/documents/${id}/record`],
    ["trust.json", "/trust.json"],
    ["proof", `/documents/${id}.tlog-proof`],
  ] as const)
    writeFileSync(join(folder, name), await get(path));
  const output = execFileSync("bash", ["-c", `${steps}\nexit 0`], { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return output
    .trim()
    .split("\n")
    .map((line) => line.replace(/^sha256:/, "").replace(/ .*\.json$| +-$/, ""));
}

(isThere ? test : test.skip)("each step says of each document that it is the deposited one", async () => {
  for (const id of [ids[0], ids[2], ids[5]]) {
    const lines = await byHand(id ?? "");
    expect([lines[0], lines[2], lines[4]]).toEqual([lines[1], lines[3], "Verified OK"]);
    const [, certificate, , , sealed = "", hash, root, size, told, last, note] = lines.slice(4);
    expect(certificate).toMatch(/^[0-9a-f]{64}$/);
    expect(sealed).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect([hash, size, last, note]).toEqual([root, told, "0", "Signature Verified Successfully"]);
    const pairs = lines.slice(15);
    expect([pairs[0], pairs[2], pairs[4]]).toEqual([pairs[1], pairs[3], pairs[5]]);
    // The same entry by the proof for tools of transparency logs.
    expect(pairs.slice(6)).toEqual([root, root, "Signature Verified Successfully"]);
  }
});

(isThere ? test : test.skip)("and of one that was altered that it is not", async () => {
  const lines = await byHand(ids[2] ?? "", (text) => text.replace("Brandt", "Brandl"));
  expect(lines[1]).not.toBe(lines[0]);
  expect(lines[3]).not.toBe(lines[2]);
  expect(lines).not.toContain("Verified OK");
});

import { afterAll, afterEach, describe, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { watchFolder } from "../../../src/adapters/revocation/revocation-folder.ts";
import { openRevocationSource, REVOCATION_LIMITS, type RevocationLimits } from "../../../src/adapters/revocation/revocation-source.ts";
import { addressesOf } from "../../../src/core/revocation/revocation-addresses.ts";
import { rawOf } from "../../../src/core/signatures/signer-trust.ts";
import { parseCertificate, type Certificate } from "../../../src/core/crypto/certificate.ts";
import { integer, objectIdentifier, sequence, tagged } from "../../../src/core/der/write-der.ts";
import { BRAIN, bytesOf, certificateOf } from "../../core/crypto/certificate-fixtures.ts";
import { certificate as draft, extension, KINDS, plainName, text } from "../../core/crypto/platform/certificates.ts";

const LIST = bytesOf("brain.crl");
const servers: Server[] = [];
const folders: string[] = [];
let faults: string[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  faults = [];
});
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A certificate that says that lists are there, and that answers are there. */
function pointing(lists: readonly string[], answers: readonly string[] = [], changes: readonly string[] = []): Certificate {
  const [kind] = KINDS.filter(({ name }) => name === "P-256");
  if (!kind) throw new Error("no kind");
  const pointsOf = (urls: readonly string[]): Uint8Array[] => urls.map((url) => sequence(tagged(0, tagged(0, text(0x86, url)))));
  const descriptions = answers.map((url) => sequence(objectIdentifier("1.3.6.1.5.5.7.48.1"), text(0x86, url)));
  return parseCertificate(
    draft({
      by: kind,
      subject: plainName("Whoever"),
      issuer: plainName("brain"),
      extensions: [
        ...(lists.length > 0 ? [extension("2.5.29.31", sequence(...pointsOf(lists)))] : []),
        ...(changes.length > 0 ? [extension("2.5.29.46", sequence(...pointsOf(changes)))] : []),
        ...(descriptions.length > 0 ? [extension("1.3.6.1.5.5.7.1.1", sequence(...descriptions))] : []),
      ],
    }),
  );
}

function open(hosts: readonly string[], limits: Partial<RevocationLimits> = {}, folder?: string) {
  const onFault = (where: string, reason: string): unknown => faults.push(`${where}: ${reason}`);
  const held = folder === undefined ? undefined : watchFolder(folder, { ...REVOCATION_LIMITS, ...limits }, onFault);
  const source = openRevocationSource({ hosts: new Set(hosts), held, limits, onFault });
  return async (certificate: Certificate, issuer: Certificate) => rawOf(await source(certificate, issuer));
}

describe("a source of revocations", () => {
  test("fetches a list, once for several who ask, and keeps it", async () => {
    let asked = 0;
    const host = await serve((_, response) => {
      asked += 1;
      response.end(LIST);
    });
    const source = open([host]);
    const certificate = pointing([`http://${host}/brain.crl`]);
    const answers = await Promise.all([source(certificate, BRAIN), source(certificate, BRAIN), source(certificate, BRAIN)]);
    expect([answers.map((found) => found.map((raw) => raw.length)), asked]).toEqual([[[LIST.length], [LIST.length], [LIST.length]], 1]);
  });

  test("fetches a list of changes too, of the hosts that are allowed", async () => {
    const asked: (string | undefined)[] = [];
    const host = await serve((request, response) => {
      asked.push(request.url);
      response.end(request.url === "/brain.crl" ? LIST : bytesOf("later.brain.crl"));
    });
    const certificate = pointing([`http://${host}/brain.crl`], [], ["http://elsewhere.example/delta.crl", `http://${host}/delta.crl`]);
    expect(await open([host])(certificate, BRAIN)).toEqual([LIST, bytesOf("later.brain.crl")]);
    expect(asked).toEqual(["/brain.crl", "/delta.crl"]);
  });

  test("asks a responder about the certificate by its issuer", async () => {
    const bodies: Buffer[] = [];
    const host = await serve((request, response) => {
      request.on("data", (part: Buffer) => bodies.push(part));
      request.on("end", () => response.end(bytesOf("good.ocsp")));
      expect([request.method, request.headers["content-type"]]).toEqual(["POST", "application/ocsp-request"]);
    });
    const [found] = await open([host])(pointing([], [`http://${host}/`]), BRAIN);
    expect(found).toEqual(bytesOf("good.ocsp"));
    // Its serial number is 77.
    expect(Buffer.concat(bodies).subarray(-3)).toEqual(Buffer.from(integer(77)));
  });

  test("asks nobody who is not allowed: another host or port, a name with a password, another protocol", async () => {
    let asked = 0;
    const host = await serve((_, response) => {
      asked += 1;
      response.end(LIST);
    });
    for (const url of [`http://${host}/x`, `http://anna:secret@${host}/x`, "file:///etc/hosts", "ldap://127.0.0.1/cn=brain", "not an address"])
      expect(await open(["127.0.0.1", "crl.ward.example"])(pointing([url], [url]), BRAIN)).toEqual([]);
    expect(await open([host])(pointing([`http://anna:secret@${host}/x`]), BRAIN)).toEqual([]);
    expect(await open([])(pointing([`http://${host}/x`]), BRAIN)).toEqual([]);
    expect([asked, faults]).toEqual([0, []]);
  });

  test("follows nobody elsewhere, and takes nothing that is no list, too large or too late; then it rests", async () => {
    let asked = 0;
    const host = await serve((request, response) => {
      asked += 1;
      if (request.url === "/moved") response.writeHead(302, { Location: "/brain.crl" }).end();
      else if (request.url === "/page") response.end("<html>");
      else if (request.url === "/large") response.end(Buffer.alloc(100_000));
      else if (request.url === "/brain.crl") response.end(LIST);
    });
    const source = open([host], { size: 10_000, time: 200 });
    for (const path of ["moved", "page", "large", "silent", "silent"]) expect(await source(pointing([`http://${host}/${path}`]), BRAIN)).toEqual([]);
    expect(faults.map((fault) => fault.replace(`${host}: `, ""))).toEqual([
      "it answered 302",
      "its answer is no list of revoked certificates and no answer about one",
      "its answer is larger than a list of revoked certificates may be",
      "it did not answer within 200 ms",
    ]);
    expect(asked).toBe(4);
  });

  test("gives what lies in a folder, in DER or PEM, and what comes to lie there", async () => {
    const folder = mkdtempSync(join(tmpdir(), "chartulary-revocations-"));
    folders.push(folder);
    writeFileSync(join(folder, "brain.crl"), LIST);
    writeFileSync(join(folder, "note.txt"), "new ones come on Mondays");
    const source = open([], { look: 0 }, folder);
    expect(await source(certificateOf("good"), BRAIN)).toEqual([LIST]);
    const pem = `-----BEGIN X509 CRL-----\n${Buffer.from(bytesOf("root.crl")).toString("base64").replace(/.{64}/g, "$&\n")}\n-----END X509 CRL-----\n`;
    writeFileSync(join(folder, "root.pem"), pem);
    writeFileSync(join(folder, "brain.crl"), bytesOf("later.brain.crl"));
    utimesSync(join(folder, "brain.crl"), 1, 1);
    expect(await source(certificateOf("good"), BRAIN)).toEqual([bytesOf("later.brain.crl"), bytesOf("root.crl")]);
    expect(faults).toEqual([expect.stringContaining("note.txt: it is no list")]);
    rmSync(folder, { recursive: true });
    expect(await source(certificateOf("good"), BRAIN)).toEqual([]);
    expect(faults.at(-1)).toBe(`${folder}: it cannot be read`);
  });
});

test("addresses are those that OpenSSL wrote; none where there are none", () => {
  expect(addressesOf(certificateOf("good"))).toEqual({
    answers: ["http://ocsp.ward.example/"],
    lists: [["http://crl.ward.example/brain.crl"]],
    changes: [],
  });
  expect(addressesOf(BRAIN)).toEqual({ answers: [], lists: [], changes: [] });
});

/** Seals that are made now, by each kind of key that seals: the JWS, the XML seal with and without a time-stamp, and CMS as it stands in a PDF. */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { issueCertificate } from "../../src/adapters/keys/issue-certificate.ts";
import { parseSeal } from "../../src/adapters/keys/key-files.ts";
import { sealSigner } from "../../src/adapters/keys/seal-signer.ts";
import { openTimeAuthority } from "../../src/adapters/tsa/time-authority.ts";
import { makeSignature } from "../../src/core/cms/make-signature.ts";
import { parseCertificate, pemOf } from "../../src/core/crypto/certificate.ts";
import { sha256 } from "../../src/core/crypto/digest.ts";
import { canonicalDocument } from "../../src/core/fhir/canonical.ts";
import { DEFAULT_READ_LIMITS } from "../../src/core/fhir/reading/read-limits.ts";
import { makeSeal } from "../../src/core/signatures/seal.ts";
import { canonicalXmlDocument, makeXmlSeal } from "../../src/core/signatures/xml-seal.ts";
import { HAS_OPENSSL, openAuthority, RSA } from "../../test/adapters/tsa/authority.ts";
import { FOLDER } from "../../test/core/signatures/matrix/cells.ts";
import { R4, readResource } from "../../test/r4.ts";
import type { Task } from "./task.ts";

const KEYS: readonly (readonly [string, () => { readonly privateKey: KeyObject; readonly publicKey: KeyObject }])[] = [
  ["P-256", () => generateKeyPairSync("ec", { namedCurve: "P-256" })],
  ["P-384", () => generateKeyPairSync("ec", { namedCurve: "P-384" })],
  ["P-521", () => generateKeyPairSync("ec", { namedCurve: "P-521" })],
  ["RSA (PSS)", () => generateKeyPairSync("rsa", { modulusLength: 3072 })],
  ["Ed25519", () => generateKeyPairSync("ed25519")],
];
const DAY = 86_400_000;
const ID = "0a1b2c3d-0000-4000-8000-000000000000";

/** @param folder where their files are written */
export async function sealTasks(folder: string): Promise<Task[]> {
  const at = new Date();
  const put = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const { resource } = readResource(new Uint8Array(readFileSync(join(FOLDER, "document.xml"))), "application/fhir+xml", DEFAULT_READ_LIMITS);
  if (resource === undefined) throw new Error("the document was not read");
  const json = new TextEncoder().encode(canonicalDocument(resource));
  const xml = canonicalXmlDocument(resource, R4.definitions);
  if (typeof xml === "string") throw new Error(xml);
  const [jsonFile, xmlFile] = [put("document.json", json), put("document.xml", xml)];

  const authority = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const certify = (subject: string, publicKey: KeyObject, isAuthority: boolean) =>
    issueCertificate({
      ...{ subject, publicKey, isAuthority, issuer: "The authority", issuerKey: authority.privateKey },
      ...{ validFrom: new Date(at.getTime() - DAY), validTo: new Date(at.getTime() + 365 * DAY) },
    });
  const root = certify("The authority", authority.publicKey, true);
  const rootFile = put("root.pem", pemOf(root));
  const clock = HAS_OPENSSL ? await openAuthority({ key: RSA }) : undefined;
  try {
    const tasks: Task[] = [];
    for (const [key, make] of KEYS) {
      const { privateKey, publicKey } = make();
      const certificate = certify("A seal", publicKey, false);
      const signerFile = put(`${key}.pem`, pemOf(certificate));
      const signer = sealSigner(
        [parseSeal(pemOf(certificate) + pemOf(root) + privateKey.export({ type: "pkcs8", format: "pem" }).toString())],
        "keys",
      );
      const trusted = [rootFile, signerFile];
      const add = (kind: Task["kind"], form: string, seal: string | Uint8Array, content: string, name: string, more: readonly string[] = []) =>
        tasks.push({
          id: `${form} | ${key}`,
          kind,
          file: put(`${key}-${form}`, seal),
          content,
          name,
          signer: signerFile,
          trusted: [...trusted, ...more],
        });
      add("jws", "JWS seal", await makeSeal(json, signer, at), jsonFile, "document.json");
      const sealed = { documentId: ID, digest: sha256(xml) };
      add("xml", "XML seal", await makeXmlSeal(sealed, signer, at), xmlFile, `urn:uuid:${ID}`);
      if (clock) {
        const onFault = (reason: string): never => {
          throw new Error(reason);
        };
        const stamp = openTimeAuthority({ url: clock.url, anchors: [parseCertificate(clock.issuer)], onFault });
        add("xml", "XML seal with a time-stamp", await makeXmlSeal(sealed, signer, at, stamp), xmlFile, `urn:uuid:${ID}`, [
          put("clock.pem", clock.issuer),
        ]);
      }
      add("cms", "CMS as in a PDF", (await makeSignature([json], signer)).encoded, jsonFile, "document.json");
    }
    return tasks;
  } finally {
    await clock?.close();
  }
}

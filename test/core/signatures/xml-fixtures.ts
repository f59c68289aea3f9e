/** XML signatures that other tools made of one document (fixtures/signatures/xml), put into it as senders do. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { toBase64 } from "../../../src/core/crypto/base64.ts";
import { utf8 } from "../../../src/core/crypto/bytes.ts";

const FOLDER = process.env["XML_SIGNATURES"] ?? "fixtures/signatures/xml";
const DOCUMENT = readFileSync("fixtures/documents/valid/addendum-histology-german.xml", "utf8");

export interface XmlFixture {
  readonly name: string;
  readonly signature: string;
}

/** All of them, by the names of their files. */
export function xmlFixtures(): XmlFixture[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(".xml"));
  return files.sort().map((file) => ({ name: file.replace(".xml", ""), signature: readFileSync(join(FOLDER, file), "utf8") }));
}

/** The document in XML with a signature as its Bundle.signature, set in as the rest of it is laid out. */
export function signedXml(signature: string, document = DOCUMENT): string {
  const data = toBase64(utf8(signature));
  const type = `<type><system value="urn:iso-astm:E1762-95:2013"/><code value="1.2.840.10065.1.12.1.1"/></type>`;
  const element = `<signature>${type}<when value="2026-03-14T09:00:00Z"/><who><display value="Dr Fixture"/></who><sigFormat value="application/signature+xml"/><data value="${data}"/></signature>`;
  return document.replace(/<\/Bundle>\s*$/, `  ${element}\n</Bundle>\n`);
}

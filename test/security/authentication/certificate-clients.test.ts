import { expect, test } from "@jest/globals";
import { readCertificateClients } from "../../../src/security/authentication/certificate-clients.ts";

const HEX = "ab".repeat(32);
const BASE64URL = Buffer.from(HEX, "hex").toString("base64url");
const sender = { thumbprint: BASE64URL, client: "lab", name: "Laboratory", scope: "system/Bundle.c", organisations: ["urn:oid:1|2"] };

test.each([BASE64URL, HEX, HEX.toUpperCase().match(/../g)?.join(":") ?? ""])("a sender is known by the thumbprint %s", (thumbprint) => {
  expect(readCertificateClients(JSON.stringify([{ ...sender, thumbprint }])).get(BASE64URL)).toEqual({
    ...{ kind: "system", issuer: "certificate", subject: BASE64URL, name: "Laboratory", client: "lab" },
    ...{ scopes: [{ level: "system", type: "Bundle", rights: ["c"] }], roles: [], organisations: ["urn:oid:1|2"], clearance: [] },
  });
});

test.each<[string, RegExp]>([
  ["no json", /no JSON/],
  ["{}", /no JSON array/],
  ["[7]", /entry 1 is no object/],
  [JSON.stringify([sender, { ...sender, client: "x" }]), /entry 2 has the certificate of another/],
  [JSON.stringify([{ ...sender, thumbprint: "x" }]), /needs a thumbprint/],
  [JSON.stringify([{ ...sender, client: "" }]), /needs a client/],
  [JSON.stringify([{ ...sender, role: ["x"] }]), /"role", which means nothing/],
  [JSON.stringify([{ ...sender, roles: "x" }]), /roles that are no list/],
  [JSON.stringify([{ ...sender, scope: "system/Bundle.sc" }]), /system\/Bundle\.sc.*in this order/],
])("%s is refused", (text, words) => expect(() => readCertificateClients(text)).toThrow(words));

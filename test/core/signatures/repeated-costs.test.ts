/** What a signature repeats costs once: the work is counted, not the time. */
import { createHash, sign } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { toBase64, toBase64Url } from "../../../src/core/crypto/base64.ts";
import { CheckedSums } from "../../../src/core/crypto/certificate-path.ts";
import { readDer, valuesIn } from "../../../src/core/crypto/read-der.ts";
import { treeOf, type JsonArray, type JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import { checkDocumentSignatures } from "../../../src/core/signatures/document-signature.ts";
import { protectedHeaderOf, signingInput } from "../../../src/core/signatures/jws.ts";
import { sequence } from "../../../src/core/der/write-der.ts";
import { sampleDocument, treeOfText } from "../../pipeline/sign/deposited.ts";
import { R4 } from "../../r4.ts";
import { person } from "./people.ts";

const root = person("Test root", { isAuthority: true });
const doctor = person("A. Meyer", { by: root });
const trust = { signers: [root.certificate] };

/** A JWS in JSON with so many signatures over the same payload, which it embeds. */
function embedding(content: string, signatures: number): string {
  const payload = new TextEncoder().encode(content);
  const header = protectedHeaderOf({ alg: "ES256", x5c: [toBase64(doctor.certificate.raw)] });
  const value = sign("sha256", signingInput(header, payload), { key: doctor.key, dsaEncoding: "ieee-p1363" });
  const each = { protected: header, signature: toBase64Url(new Uint8Array(value)) };
  return toBase64(new TextEncoder().encode(JSON.stringify({ payload: toBase64Url(payload), signatures: Array(signatures).fill(each) })));
}

const signature = (data: string): JsonObject => treeOf({ sigFormat: "application/jose", who: { display: "A. Meyer" }, data }) as JsonObject;

describe("what is repeated", () => {
  test("a payload that five signatures are over is compared with the document once", async () => {
    const other = sampleDocument("urn:uuid:1").replace("Discharge summary", "Discharge report");
    const looks = async (signatures: number): Promise<number> => {
      let count = 0;
      const definitions = new Proxy(R4.definitions, { get: (target, name) => ((count += 1), Reflect.get(target, name) as unknown) });
      const bundle = treeOfText(sampleDocument("urn:uuid:1"))
        .without("signature")
        .add("signature", signature(embedding(other, signatures)));
      const checks = await checkDocumentSignatures(bundle, trust, { definitions });
      expect(checks.map(({ block, content }) => `${block} ${content}`)).toEqual(Array(signatures).fill("valid invalid"));
      return count;
    };
    const once = await looks(1);
    expect(once).toBeGreaterThan(0);
    expect(await looks(5)).toBe(once);
  });

  test("a certificate is not judged for each target of a Provenance that its signature is not over", async () => {
    let asked = 0;
    class Counted extends CheckedSums {
      override isSignedBy(...about: Parameters<CheckedSums["isSignedBy"]>): Promise<boolean | undefined> {
        asked += 1;
        return super.isSignedBy(...about);
      }
    }
    const targets = Array.from({ length: 10 }, (_, at) => `urn:uuid:${createHash("md5").update(String(at)).digest("hex")}`);
    const judgedOf = async (content: object): Promise<string[]> => {
      const bundle = treeOfText(sampleDocument("urn:uuid:1")).without("signature");
      const entries = bundle.get("entry") as JsonArray;
      for (const fullUrl of targets)
        entries.add(treeOf({ fullUrl, resource: { resourceType: "Basic", id: fullUrl.slice(9, 20), code: { text: "x" } } }));
      const target = targets.map((reference) => ({ reference }));
      const provenance = treeOf({ resourceType: "Provenance", target }) as JsonObject;
      provenance.add("signature", signature(embedding(JSON.stringify(content), 1)));
      entries.add((treeOf({}) as JsonObject).add("resource", provenance));
      asked = 0;
      const checks = await checkDocumentSignatures(bundle, trust, { definitions: R4.definitions, sums: new Counted() });
      return checks.map(({ block, certificate, explanation }) => `${block} ${certificate} ${explanation}`);
    };
    expect(await judgedOf({ resourceType: "Basic", code: { text: "none of them" } })).toEqual([
      expect.stringMatching(/^not-checked not-checked .*how several are signed together is not laid down/),
    ]);
    expect(asked).toBe(0);
    const ninth = { resourceType: "Basic", id: (targets[8] ?? "").slice(9, 20), code: { text: "x" } };
    expect(await judgedOf(ninth)).toEqual([expect.stringMatching(/^valid valid .*and not the 9 other targets/)]);
    expect(asked).toBe(1);
    const large = { resourceType: "Basic", code: { text: "none of them".repeat(5_000) } };
    expect(await judgedOf(large)).toEqual([expect.stringMatching(/^not-checked not-checked .*would take too long/)]);
  });
});

test("no more values are taken out of DER than anything real has", () => {
  const nothings = (count: number) => readDer(sequence(new Uint8Array(2 * count).map((_, at) => (at % 2 === 0 ? 5 : 0))));
  expect(valuesIn(nothings(10_000))).toHaveLength(10_000);
  expect(() => valuesIn(nothings(10_001))).toThrow(/more than 10000 values/);
});

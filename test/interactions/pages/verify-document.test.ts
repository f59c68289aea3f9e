import { expect, test } from "@jest/globals";
import { generateKeyPairSync } from "node:crypto";
import { noteSigner } from "../../../src/adapters/keys/note-signer.ts";
import { askedByProgram } from "../../../src/core/asked.ts";
import { AppError } from "../../../src/core/errors.ts";
import { verifyDocument, type VerifyNeeds } from "../../../src/interactions/pages/verify-document.ts";
import { reportOf } from "../../../src/pipeline/verify/report.ts";

const { name: origin, vkey } = noteSigner("chartulary.local/log/00000000", generateKeyPairSync("ed25519").privateKey);
const verified = async (laterSeal: () => Promise<undefined>): Promise<unknown> => {
  const evidence = { deposit: "{}" };
  const held = { original: () => Promise.resolve({ bytes: Uint8Array.of(1) }), receipt: () => Promise.resolve("{}"), laterSeal, evidence };
  const sound = reportOf([{ name: "digest", result: "pass", text: "It is the deposited one." }]);
  const needs = {
    ...{ reader: { document: () => Promise.resolve(held) }, work: { do: () => Promise.resolve(sound) } },
    ...{ keys: { log: { origin, vkey }, pastLogs: [], sealCertificates: [] }, signers: [] },
  };
  return verifyDocument(askedByProgram("test"), "one", needs as unknown as VerifyNeeds);
};

test("an XML seal that is damaged is told loudly, and takes nothing from the document", async () => {
  expect(await verified(() => Promise.resolve(undefined))).toMatchObject({ verdict: "proven", checks: [{ name: "digest" }] });
  const found = await verified(() => Promise.reject(new AppError("damaged", "it was altered")));
  const text = "What is stored of the XML seal is not what was made: it was altered. The document is proved without it: by the seal of its deposit.";
  expect(found).toMatchObject({
    verdict: "proven",
    checks: [
      { name: "digest", result: "pass" },
      { name: "seal", result: "damaged", text },
    ],
  });
  await expect(verified(() => Promise.reject(new AppError("unavailable", "away")))).rejects.toMatchObject({ code: "unavailable" });
});

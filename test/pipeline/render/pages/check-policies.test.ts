/** What the check of a file says of each policy. */
import { expect, test } from "@jest/globals";
import { JSDOM } from "jsdom";
import { SourceText } from "../../../../src/core/fhir/reading/source-text.ts";
import { DEFAULT_READ_LIMITS } from "../../../../src/core/fhir/reading/read-limits.ts";
import { examine, type ExaminationTools } from "../../../../src/pipeline/admission.ts";
import { localeFor } from "../../../../src/pipeline/render/locale-for.ts";
import { openAssets } from "../../../../src/pipeline/render/pages/assets.ts";
import { renderCheckPage, type CheckedDocument } from "../../../../src/pipeline/render/pages/check-page.ts";
import { namedSignaturePolicy } from "../../../../src/pipeline/signature-policy.ts";
import { answerHere, VALIDATOR } from "../../../r4.ts";
import { aDocument } from "../../validate/a-document.ts";

const TOOLS = { validator: VALIDATOR, answerSignatures: answerHere, trust: undefined };

async function policiesOf(
  change: (document: Record<string, unknown>) => void,
  isCompared = true,
  tools: ExaminationTools = TOOLS,
): Promise<CheckedDocument["policies"]> {
  const document = aDocument();
  change(document);
  const bytes = Buffer.from(JSON.stringify(document));
  return (await examine({ bytes, mediaType: "application/fhir+json", limits: DEFAULT_READ_LIMITS, isCompared }, tools)).policies;
}

function opened(policies: CheckedDocument["policies"]): Document {
  const checked: CheckedDocument = { name: "a.json", verdict: "refused", issues: [], source: new SourceText("{}"), ...(policies && { policies }) };
  return new JSDOM(renderCheckPage(checked, { locale: localeFor(["en"]), isOpen: true, assets: openAssets(undefined) })).window.document;
}

test("each policy with a name says whether it takes the document, and by which rules not", async () => {
  const policies = await policiesOf((document) => delete document["timestamp"]);
  expect(policies).toEqual([
    { name: "strict", passes: false, rules: ["bdl-10"] },
    { name: "form", passes: true, rules: [] },
    { name: "references", passes: true, rules: [] },
  ]);
  const text = opened(policies).querySelector("dl.facts")?.textContent.replace(/\s+/g, " ").trim();
  expect(text).toBe(
    "strict This document would be refused. bdl-10 form This document would be accepted. references This document would be accepted.",
  );
});

test("none takes a document without the signature that is demanded of its type", async () => {
  const signaturePolicy = namedSignaturePolicy("require-valid");
  const policies = await policiesOf((document) => delete document["timestamp"], true, { ...TOOLS, signaturePolicy });
  expect(policies).toEqual([
    { name: "strict", passes: false, rules: ["bdl-10", "signature-policy"] },
    { name: "form", passes: false, rules: ["signature-policy"] },
    { name: "references", passes: false, rules: ["signature-policy"] },
  ]);
});

test("nothing is said where all take it, of what is no document, and to whoever does not ask", async () => {
  expect(opened(await policiesOf(() => undefined)).querySelector("dl.facts")).toBeNull();
  expect(await policiesOf((document) => (document["type"] = "collection"))).toBeUndefined();
  expect(await policiesOf((document) => delete document["timestamp"], false)).toBeUndefined();
});

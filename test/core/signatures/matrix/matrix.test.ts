/** Every form by every algorithm by every maker: what others sign is valid, altered it is not, and nobody calls valid what we do not. The table is docs/signature-matrix.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { stateOf, type SignatureCheck } from "../../../../src/core/signatures/signature-check.ts";
import { anotherCertificate, anotherValue, anotherWord } from "./alterations.ts";
import {
  ALGORITHMS,
  absence,
  cells,
  FORMS,
  FORMS_OF_ONE_KEY,
  judge,
  MAKERS,
  REVOKED,
  signedDocument,
  TRUST,
  type Cell,
  type Maker,
} from "./cells.ts";
import { matrixPage, othersOf, type Judged } from "./page.ts";

const PAGE = "docs/signature-matrix.md";
const CELLS = cells();
const GOOD = { block: "valid", content: "valid", certificate: "valid", signer: "valid" } as const;
const results = ({ block, content, certificate, signer }: SignatureCheck) => ({ block, content, certificate, signer });
const said = new Map<string, SignatureCheck>();

/** EU DSS names the NIST curves' algorithms for other curves too (RFC 7518 section 3.4 does not let it), and verifies none of these itself. */
const isOfAnotherCurve = ({ maker, form, algorithm }: Cell): boolean =>
  maker === "EU DSS" && FORMS.slice(0, 5).includes(form) && /^(k256|bp256|bp384)$/.test(algorithm);

const groups = [...Map.groupBy(CELLS, ({ maker, form }) => `${maker}: ${form}`)].map(([name, of]) => ({ name, of }));

describe.each(groups)("$name", ({ of }) => {
  for (const cell of of) {
    const { maker, form, algorithm, data, reason } = cell;
    if (data === undefined) {
      test(`${algorithm} is not made`, () => expect(reason).toMatch(/\w/));
      continue;
    }
    test(algorithm, async () => {
      const check = await judge(signedDocument(form, algorithm, data));
      said.set([maker, form, algorithm].join(" | "), check);
      if (isOfAnotherCurve(cell)) {
        expect(results(check)).toEqual({ block: "not-checked", content: "not-checked", certificate: "not-checked", signer: "not-checked" });
        expect(check.explanation).toMatch(/its key is not of the kind that ES\d+ takes/);
        return;
      }
      expect({ ...results(check), explanation: check.explanation }).toEqual({ ...GOOD, explanation: expect.stringContaining("covers this content") });
      const altered = await judge(signedDocument(form, algorithm, data, anotherWord));
      expect([altered.block, altered.content]).not.toEqual(["valid", "valid"]);
      const otherValue = await judge(signedDocument(form, algorithm, anotherValue(cell)));
      expect(otherValue.block).not.toBe("valid");
      const otherCertificate = await judge(signedDocument(form, algorithm, anotherCertificate(cell)));
      expect(stateOf(otherCertificate)).not.toBe("proven");
      expect([otherCertificate.block, otherCertificate.certificate]).not.toEqual(["valid", "valid"]);
    });
  }
});

test.each(CELLS.filter(({ form }) => /-(t|lt|lta)-/.test(form)).map((cell) => ({ ...cell, name: cell.form })))(
  "$name: the time-stamp proves that it was signed before the certificate was revoked, and without it nobody knows",
  async ({ form, algorithm, data = "" }) => {
    const text = signedDocument(form, algorithm, data);
    const { timeAuthorities: _, ...noClock } = TRUST;
    expect(await judge(text, noClock)).toMatchObject({ ...GOOD, signerName: "Dr Fixture brief" });
    expect(await judge(text, { ...TRUST, revocations: REVOKED })).toMatchObject(GOOD);
    const { reasons, explanation } = await judge(text);
    const archive = /; an archive time-stamp of Dr Fixture clock says that all of it was there by 20[0-9T:.-]+Z/;
    for (const told of [reasons?.certificate, explanation])
      expect(told).toEqual(form.includes("-lta-") ? expect.stringMatching(archive) : expect.not.stringContaining("archive"));
    const { block, content, certificate } = await judge(text, { ...noClock, revocations: REVOKED });
    expect({ block, content }).toEqual({ block: "valid", content: "valid" });
    expect(certificate).not.toBe("valid");
  },
);

test("no cell is absent without a reason", () => {
  const absent = (Object.keys(MAKERS) as Maker[]).flatMap((maker) =>
    [
      ...FORMS.flatMap((form) => ALGORITHMS.map((algorithm) => ({ form, algorithm }))),
      ...FORMS_OF_ONE_KEY.map((form) => ({ form, algorithm: "p256" })),
    ]
      .filter(({ form, algorithm }) => !CELLS.some((cell) => cell.maker === maker && cell.form === form && cell.algorithm === algorithm))
      .filter(({ form }) => absence(maker, form) === "")
      .map(({ form, algorithm }) => `${maker} ${form} ${algorithm}`),
  );
  expect(absent).toEqual([]);
});

test("nobody calls valid what is not valid here, and the table says so", () => {
  const judged: Judged = new Map(
    readFileSync("fixtures/signatures/matrix/judged.tsv", "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => {
        const [id = "", ...words] = line.split("\t");
        return [id, words];
      }),
  );
  const made = CELLS.filter(({ data }) => data !== undefined).map(({ maker, form, algorithm }) => [maker, form, algorithm].join(" | "));
  expect([...judged.keys()].toSorted()).toEqual(made.toSorted());
  const strict = made.filter(
    (id) => othersOf(judged.get(id) ?? []).valid.length > 0 && (said.get(id)?.block !== "valid" || said.get(id)?.content !== "valid"),
  );
  expect(strict).toEqual([]);
  const page = matrixPage(CELLS, said, judged);
  if (process.env["WRITE_MATRIX"]) writeFileSync(PAGE, page);
  expect(readFileSync(PAGE, "utf8")).toBe(page);
});

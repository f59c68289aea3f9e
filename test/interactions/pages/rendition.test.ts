import { expect, test } from "@jest/globals";
import { generateKeyPairSync } from "node:crypto";
import { noteSigner } from "../../../src/adapters/keys/note-signer.ts";
import { askedByProgram, type Asked, type OpenGlass } from "../../../src/core/asked.ts";
import type { LaterSeal } from "../../../src/core/formats/later-seal.ts";
import type { MadePdf } from "../../../src/interactions/pages/make-pdf.ts";
import type { PrintNeeds } from "../../../src/interactions/pages/print-document.ts";
import { renditionOf } from "../../../src/interactions/pages/rendition.ts";
import type { KnownRelations } from "../../../src/pipeline/present.ts";

const PDF: MadePdf = { bytes: Buffer.from("%PDF"), level: "B-T", isStampMissing: false };
const SIGNER = noteSigner("chartulary.local/log/00000000", generateKeyPairSync("ed25519").privateKey);
const LEAF = { id: "one", submittedDigest: "sha256:00", depositDigest: "sha256:01" };

interface Change {
  readonly asked?: Asked;
  readonly id?: string;
  readonly known?: KnownRelations & { readonly logSize?: number };
  readonly locale?: string;
  readonly paper?: "a4" | "letter";
  readonly using?: Partial<PrintNeeds>;
  readonly made?: MadePdf;
  readonly glass?: OpenGlass;
  readonly later?: LaterSeal;
}

/** The names under which PDFs are kept, in circumstances of which some are others each time. */
async function nameIn({
  asked = askedByProgram("sample"),
  id = "one",
  known = { relations: [], isComplete: true },
  made = PDF,
  glass,
  later,
  ...change
}: Change = {}): Promise<string[]> {
  const names: string[] = [];
  const reader = {
    document: () =>
      Promise.resolve({
        ...{ leaf: { ...LEAF, id }, contentBytes: 1, glass, laterSeal: () => Promise.resolve(later) },
        keep: (name: string) => Promise.resolve(void names.push(name)),
      }),
    relations: () => Promise.resolve(known),
  };
  const { name: origin, vkey } = SIGNER;
  const log = { origin, vkey };
  const keys = { log, pastLogs: [], sealCertificates: [] };
  const needs = {
    reader,
    keys,
    signers: [],
    baseUrl: "https://a.example",
    software: "chartulary/1",
    programDigest: () => Promise.resolve("p"),
    ...change.using,
  };
  const rendition = await renditionOf(asked, id, { locale: change.locale ?? "en", paper: change.paper ?? "a4" }, needs as unknown as PrintNeeds);
  await rendition.keep(made);
  return names;
}

test("a PDF is kept under another name for whatever makes it another one, or asks for it", async () => {
  const relation = { kind: "superseded-by", isConfirmed: true, target: "x" } as const;
  const changes: Change[] = [
    {},
    { asked: askedByProgram("other") },
    { id: "two" },
    { known: { relations: [relation], isComplete: true } },
    { known: { relations: [{ ...relation, isConfirmed: false }], isComplete: true } },
    { locale: "de" },
    { paper: "letter" },
    { using: { baseUrl: "https://b.example" } },
    { using: { software: "chartulary/2" } },
    { using: { programDigest: () => Promise.resolve("q") } },
    { using: { isStamping: true } },
    { later: { none: "XML has no such character" } },
    { later: { xades: "<Signature/>" } },
  ];
  const names = (await Promise.all(changes.map(nameIn))).flat();
  expect(new Set(names).size).toBe(changes.length);
  for (const name of names) expect(name).toMatch(/^[0-9a-f]{64}$/);
});

test("and under the same name while the log grows by what says nothing of its document", async () => {
  expect(await nameIn({ known: { relations: [], isComplete: true, logSize: 9 } })).toEqual(await nameIn());
});

test("what is not as it should be is not kept", async () => {
  expect(await nameIn({ known: { relations: [], isComplete: false } })).toEqual([]);
  expect(await nameIn({ made: { ...PDF, isStampMissing: true } })).toEqual([]);
});

test("what tells of broken glass is not kept", async () => {
  const glass = { id: "g", patient: { keys: ["k"], documents: [] }, reason: "ETREAT", text: "Bleeding", until: "2026-03-14T10:00:00Z" };
  expect(await nameIn({ glass })).toEqual([]);
});

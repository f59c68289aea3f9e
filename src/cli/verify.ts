import { readFile } from "node:fs/promises";
import { SIGNATURE_RESULTS, type SignatureCheck } from "../core/signatures/signature-check.ts";
import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { verifyHeld } from "../pipeline/verify/verify-pdf.ts";
import { isDamagedBeside, reportFields, type VerificationCheck, type VerificationReport, type Verdict } from "../pipeline/verify/report.ts";
import { verifyExport } from "../pipeline/verify/verify-export.ts";
import type { Arguments, Command, Tools } from "./command.ts";
import { namedFile, readNamed } from "./files.ts";
import { heldFiles } from "./verify-export.ts";

/** What a line begins with. */
const MARKS: Readonly<Record<VerificationCheck["result"], string>> = {
  pass: "pass",
  fail: "FAIL",
  "not-made": "not made",
  "not-confirmed": "unsure",
  info: "note",
  damaged: "DAMAGED",
};

const VERDICTS: Readonly<Record<Verdict, string>> = {
  proven: "every check was made and passed; notes decide nothing.",
  "not-confirmed": "everything is intact, but not everything is confirmed.",
  false: "a check failed; do not rely on this document.",
  incomplete: "no check failed, but not every one could be made.",
};

const EXPORT_VERDICTS: Readonly<Record<Verdict, string>> = {
  proven: "every check was made and passed; notes decide nothing.",
  "not-confirmed": "everything is intact, but not everything is confirmed.",
  false: "a check failed; do not rely on this export.",
  incomplete: "no check failed, but not every one could be made.",
};

/** What is told where something beside the document is damaged: of one that is proved in the place of its verdict's words, else behind them. */
function verdictText(report: VerificationReport): string {
  if (!isDamagedBeside(report)) return VERDICTS[report.verdict];
  return report.verdict === "proven"
    ? "the document itself is; something beside it is DAMAGED, as told above."
    : `${VERDICTS[report.verdict]} Something beside the document is DAMAGED, as told above.`;
}

/** A signature, and a line for each of its results with the reason. */
function signatureLines(check: SignatureCheck): string {
  const { place, form, signerName, signedAt, reasons } = check;
  const head = [`${place} (${form})`, signerName, signedAt].filter((part) => part !== undefined).join(", ");
  const rows = SIGNATURE_RESULTS.map((name) => `${"".padEnd(12)}${name.padEnd(11)}  ${check[name].padEnd(11)}  ${reasons?.[name] ?? ""}`.trimEnd());
  return [`${"".padEnd(10)}${head}`, ...rows, ""].join("\n");
}

export const verify: Command = {
  help: `chartulary verify [--receipt FILE] [--trust FILE] [--record FILE] [--require-trusted] [--require-witnessed] [--json] FILE
chartulary verify --export MANIFEST [--trust FILE] [--json] FOLDER

Proves, with no store and no network, that a document is what was deposited. FILE is the submitted bytes or the document as
it was served, JSON or XML, or a PDF of it, or - for standard input. Of a PDF its signature is checked too; document and
receipt are taken out of it, and the trust file within is never believed.

  --receipt FILE     the deposit's receipt (/documents/ID/receipt): proves that the log holds the document
  --trust FILE       the repository's keys (/trust.json), and the senders you trust: get it beforehand, from a source you trust
  --record FILE      the deposit record (/documents/ID/record), which the receipt has the digest of: what it keeps about revocation,
                     as it was known at receipt, counts beside the trust file
  --require-trusted  a document that nobody signed, or whose sender's certificate or name is not confirmed, counts as false
  --require-witnessed  a document whose entry in the log not so many witnesses have seen as the trust file asks for is not
                     confirmed; without this the report only tells who has
  --export MANIFEST  FOLDER holds the files of a bulk export, packed or not, under whatever names; MANIFEST is what the export
                     answered. Proves that each file is what the signed manifest tells, that each document is the one that the
                     log has, and, where all were asked for, that none is missing (docs/design/bulk.md)
  --json             one JSON line: {"file", "verdict", "signatures": [{"place", "form", "block", "content", "certificate",
                     "signer", "reasons", …}], "checks": [{"name", "result", "text"}]}; the four of a signature are valid,
                     invalid or not-checked, and reasons says why, of each (docs/formats.md, Deposit record)

Exit code: by the verdict.
  proven         0  it is what was deposited, in the log of a repository that you trust; so are its signatures, if it has any.
                    A line marked DAMAGED is about something beside it (the XML seal) that is false, and without which it is proved
  false          1  something about it is not what it says it is
  not-confirmed  2  everything is intact, but the repository or a signer is not confirmed
  incomplete     2  nothing is false, but a check could not be made
`,
  options: {
    receipt: { type: "string" },
    trust: { type: "string" },
    record: { type: "string" },
    "require-trusted": { type: "boolean" },
    "require-witnessed": { type: "boolean" },
    export: { type: "string" },
    json: { type: "boolean" },
  },
  takes: { least: 1, most: 1 },

  async run(given, { io, knowledge }) {
    const manifest = given.text("export");
    if (manifest !== undefined) return runExport(manifest, given, { io, knowledge });
    const file = given.files[0] as string;
    const [bytes, receipt, trust, record] = await Promise.all([
      readNamed(namedFile(file, io)),
      readGiven(given.text("receipt")),
      readGiven(given.text("trust")),
      readGiven(given.text("record")),
    ]);
    const report = await verifyHeld({
      ...{ bytes, receipt, trust, record, definitions: knowledge.definitions },
      requireTrusted: given.isSet("require-trusted"),
      requireWitnessed: given.isSet("require-witnessed"),
    });
    if (given.isSet("json")) {
      await io.print(`${writeJson(treeOf({ file, ...reportFields(report) }))}\n`);
    } else {
      const lines = report.checks.map(({ name, result, text }) => `${MARKS[result].padEnd(8)}  ${name.padEnd(18)}  ${text}\n`);
      const results = report.signatures.map(signatureLines);
      await io.print(`${lines.join("")}${results.join("")}\n${report.verdict}: ${verdictText(report)}\n`);
    }
    return report.exitCode;
  },
};

function readGiven(name: string | undefined): Promise<Uint8Array> | undefined {
  return name === undefined ? undefined : readNamed({ name, read: () => readFile(name) });
}

async function runExport(name: string, given: Arguments, { io, knowledge }: Pick<Tools, "io" | "knowledge">): Promise<number> {
  const [manifest, trust] = await Promise.all([readNamed(namedFile(name, io)), readGiven(given.text("trust"))]);
  const files = await heldFiles(given.files);
  const { verdict, exitCode, checks } = await verifyExport({ manifest, trust, files, definitions: knowledge.definitions });
  if (given.isSet("json")) await io.print(`${JSON.stringify({ file: name, verdict, checks })}\n`);
  else {
    const lines = checks.map(({ name: check, result, text }) => `${MARKS[result].padEnd(8)}  ${check.padEnd(18)}  ${text}\n`);
    await io.print(`${lines.join("")}\n${verdict}: ${EXPORT_VERDICTS[verdict]}\n`);
  }
  return exitCode;
}

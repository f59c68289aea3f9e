import { readFile } from "node:fs/promises";
import { treeOf } from "../core/fhir/json/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { verifyFile } from "../pipeline/verify/verify-file.ts";
import type { VerificationCheck } from "../pipeline/verify/report.ts";
import type { Command } from "./command.ts";
import { namedFile, readNamed } from "./files.ts";

/** What a line begins with. */
const MARKS: Readonly<Record<VerificationCheck["result"], string>> = { pass: "pass", fail: "FAIL", "not-made": "not made", info: "note" };

export const verify: Command = {
  help: `chartulary verify [--receipt FILE] [--trust FILE] [--require-trusted] [--json] FILE

Proves, with no store and no network, that a document is what was deposited. FILE is the submitted bytes or the document as
it was served, JSON or XML, or - for standard input.

  --receipt FILE     the deposit's receipt (/documents/ID/receipt): proves that the log holds the document
  --trust FILE       the repository's keys (/trust.json), and the senders you trust: get it beforehand, from a source you trust
  --require-trusted  a sender's signature whose certificate is not in the trust file counts as failed
  --json             one JSON line: {"file", "verdict", "checks": [{"name", "result", "text"}]}

Exit code: 0 every check was made and passed, 1 one failed, 2 none failed but one could not be made.
`,
  options: { receipt: { type: "string" }, trust: { type: "string" }, "require-trusted": { type: "boolean" }, json: { type: "boolean" } },
  takes: { least: 1, most: 1 },

  async run(given, { io }) {
    const file = given.files[0] as string;
    const readGiven = (name: string | undefined): Promise<Uint8Array> | undefined =>
      name === undefined ? undefined : readNamed({ name, read: () => readFile(name) });
    const [bytes, receipt, trust] = await Promise.all([
      readNamed(namedFile(file, io)),
      readGiven(given.text("receipt")),
      readGiven(given.text("trust")),
    ]);
    const report = await verifyFile({ bytes, receipt, trust, requireTrusted: given.isSet("require-trusted") });
    if (given.isSet("json")) {
      const verdict = (["verified", "false", "incomplete"] as const)[report.exitCode];
      await io.print(`${writeJson(treeOf({ file, verdict, checks: report.checks }))}\n`);
    } else {
      await io.print(report.checks.map(({ name, result, text }) => `${MARKS[result].padEnd(8)}  ${name.padEnd(14)}  ${text}\n`).join(""));
    }
    return report.exitCode;
  },
};

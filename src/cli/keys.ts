import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { fingerprintOf, pemOf } from "../core/crypto/certificate.ts";
import type { Keys } from "../core/crypto/keys.ts";
import { AppError } from "../core/errors.ts";
import { EXIT, type Command } from "./command.ts";

export const keys: Command = {
  help: `chartulary keys [--json]
chartulary keys rotate [--json]

Shows under which certificates the repository seals documents and by which key its log is signed: what an auditor needs to
know. No secret is shown. The keys are those in DATA_DIR.

  rotate  begins a new seal key; documents sealed under the old one stay valid. A running service uses it from its next start
  --json  one JSON line

Exit code: 0, or 2 when there are no keys that can be opened.
`,
  options: { json: { type: "boolean" } },
  takes: { least: 0, most: 1 },

  async run(given, tools) {
    const [action] = given.files;
    if (action !== undefined && action !== "rotate") throw new AppError("unsupported", `there is nothing called ${action} to do with keys`);
    const opened = action === "rotate" ? await tools.rotateSealKey() : await tools.openKeys();
    await tools.io.print(given.isSet("json") ? `${writeJson(treeOf(fieldsOf(opened)))}\n` : textOf(opened));
    return EXIT.yes;
  },
};

function fieldsOf(opened: Keys): object {
  return {
    log: { origin: opened.log.origin, vkey: opened.log.vkey },
    ...(opened.pastLogs.length > 0 && { pastLogs: opened.pastLogs }),
    seals: opened.sealCertificates.map(({ certificate, isCurrent }) => ({
      isCurrent,
      subject: certificate.subject,
      notBefore: certificate.validFrom.toISOString(),
      notAfter: certificate.validTo.toISOString(),
      fingerprint256: fingerprintOf(certificate),
      certificate: pemOf(certificate),
    })),
  };
}

function textOf(opened: Keys): string {
  const seals = opened.sealCertificates.map(
    ({ certificate, isCurrent }) => `seal${isCurrent ? " (current)" : ""}
  subject      ${certificate.subject.replaceAll("\n", ", ")}
  valid        ${certificate.validFrom.toISOString()} to ${certificate.validTo.toISOString()}
  fingerprint  ${fingerprintOf(certificate)}
`,
  );
  return `log
  origin       ${opened.log.origin}
  key          ${opened.log.vkey}
${opened.pastLogs.map(({ origin, vkey }) => `log (ended)\n  origin       ${origin}\n  key          ${vkey}\n`).join("")}${seals.join("")}`;
}

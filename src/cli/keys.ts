import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { fingerprintOf, pemOf } from "../core/crypto/certificate.ts";
import type { Keys, LogKey } from "../core/crypto/keys.ts";
import { AppError } from "../core/errors.ts";
import { orRefused } from "./backup.ts";
import { EXIT, type Arguments, type Command, type Tools } from "./command.ts";
import type { KeptKeyFile, SealKeyOrder } from "./key-tools.ts";

export const keys: Command = {
  help: `chartulary keys [--json]
chartulary keys rotate [--p12 FILE | --signer NAME] [--json]
chartulary keys rotate log [--until INSTANT] [--json]
chartulary keys rewrap [--files] [--json]
chartulary keys end EPOCH [--leave-archives] [--json]
chartulary keys end seal|log NUMBER --since INSTANT --reason TEXT [--json]

Shows under which certificates the repository seals documents, by which key its log is signed, which epochs of the master key there are, and how the
files of the keys are kept: what an auditor needs to know. No secret is shown. The keys are those in KEYS_DIR.

  rotate  begins a new seal key while services run: an entry of the log, signed by the old key and by the new one, says from when it seals (within a minute). Documents
          sealed under the old one stay valid; its private key is destroyed soon after. With instances on several machines it makes the key, waits until each of
          them has it in its KEYS_DIR, and names those that do not: copy seal-NNNN.pem there. Interrupted, it is run again and goes on
  --p12   takes the key and certificates of a PKCS #12 file, whose password is in SEAL_PASSWORD_FILE; the file is kept in KEYS_DIR as it is
  --signer  takes the key of that name that the signing service of SIGNER_URL has
  rotate log  begins another key of the log, under the same origin, in the same way: from its entry on it signs every checkpoint, and the old one signs beside it
          for thirty days, or until --until (such as 2026-12-29T10:00:00Z). Till then whoever holds the old key alone must have the new one: witnesses (their line
          \`log VKEY\`), watchers and auditors (/trust.json); the entry leads from a kept trust file to it. Then the old private key is destroyed
  rewrap  begins a new epoch of the master key, which wraps the documents' keys, and wraps every one of them anew; services run meanwhile, take
          documents and erase some. Interrupted, it is run again and goes on. With instances on several machines it makes the new key, waits until
          each of them has it in its KEYS_DIR, and names those that do not: copy master-NNNN.key there, and run it again. With VAULT_TRANSIT_KEY, by which
          Vault wraps keys, the new key and every other file of a key are kept wrapped by the newest version of that; without it, in clear
  --files   keeps the files so and begins no epoch: the keys stay the same, and services that run need not be told. To be run on each machine
  end     ends an epoch: when it is proved that no document's key, no instance and no backup that was made from here depends on it, the log says so and
          its master key is destroyed, for ever. What older backups and copies hold of the documents' keys of that epoch opens nothing any more
  end seal  ends a seal key that somebody else may have since a time (--since, such as 2026-11-29T10:00:00Z): what the log does not prove to be before is believed
          no more. --reason is a line that everybody may read. No document is sealed by it from then on: without another key none is taken until \`keys rotate\`
  end log  ends a key of the log that somebody else may have since a time, once another one has followed it: it signs no more, and nothing counts that it
          alone signed. Receipts that are fetched anew are under a later key. Let people know: who keeps an old trust file or receipt cannot see it there
  --leave-archives  ends it although backups hold keys of that epoch, or are not there; they can be restored with a newer document-keys.tar alone
  --json  one JSON line

Exit code: 0; 1 keys are left that cannot be opened (named on standard error), or refused: what stands against it is told; 2 could not be done, or there are
no keys that can be opened.
`,
  options: {
    ...{
      json: { type: "boolean" },
      files: { type: "boolean" },
      p12: { type: "string" },
      signer: { type: "string" },
      "leave-archives": { type: "boolean" },
    },
    ...{ since: { type: "string" }, reason: { type: "string" }, until: { type: "string" } },
  },
  takes: { least: 0, most: 3 },

  async run(given, tools) {
    const [action, epoch, number] = given.files;
    if (action === "rotate" && epoch === "log" && number === undefined) return orRefused("keys", tools.io.tell, () => rotateLog(given, tools));
    if (given.text("until") !== undefined) throw new AppError("invalid", "--until is for `keys rotate log`");
    if (epoch !== undefined && action !== "end") throw new AppError("invalid", `keys ${action ?? ""} takes nothing more, and was given ${epoch}`);
    if (action === "end" && epoch === "seal") return orRefused("keys", tools.io.tell, () => endSeal(number, given, tools));
    if (action === "end" && epoch === "log") return orRefused("keys", tools.io.tell, () => endLog(number, given, tools));
    if (number !== undefined) throw new AppError("invalid", `keys end ${epoch ?? ""} takes nothing more, and was given ${number}`);
    if (given.isSet("files") && action !== "rewrap") throw new AppError("invalid", "--files is for `keys rewrap`");
    if (action === "rewrap" && given.isSet("files")) return orRefused("keys", tools.io.tell, () => keepFiles(given, tools));
    if (action === "rewrap") return orRefused("keys", tools.io.tell, () => rewrap(given, tools));
    if (action === "end") return orRefused("keys", tools.io.tell, () => end(epoch, given, tools));
    if (action === "rotate") return orRefused("keys", tools.io.tell, () => rotate(given, tools));
    if ((given.text("p12") ?? given.text("signer")) !== undefined) throw new AppError("invalid", "--p12 and --signer are for `keys rotate`");
    if (action !== undefined) throw new AppError("unsupported", `there is nothing called ${action} to do with keys`);
    const opened = await tools.openKeys();
    const files = await tools.keyFiles();
    await tools.io.print(given.isSet("json") ? `${writeJson(treeOf({ ...fieldsOf(opened), files }))}\n` : textOf(opened) + filesText(files));
    return EXIT.yes;
  },
};

async function keepFiles(given: Arguments, { io, keepKeyFiles, keyFiles }: Tools): Promise<number> {
  const { files } = await keepKeyFiles();
  if (files.length === 0) io.tell("no key is wrapped, and VAULT_TRANSIT_KEY names none that would: the files are as they were");
  const kept = (await keyFiles()).filter(({ name }) => files.includes(name));
  await io.print(given.isSet("json") ? `${writeJson(treeOf({ files: kept }))}\n` : filesText(kept));
  return EXIT.yes;
}

function filesText(files: readonly KeptKeyFile[]): string {
  const lines = files.map(
    ({ name, by, version }) =>
      `  ${name.padEnd(16)} ${by === undefined ? "in clear" : `wrapped by ${by}`}${version === undefined ? "" : `, version ${version}`}\n`,
  );
  return lines.length === 0 ? "" : `files\n${lines.join("")}`;
}

async function rewrap(given: Arguments, { io, rewrapKeys }: Tools): Promise<number> {
  const { epoch, rewrapped, destroyed, left, toEnd } = await rewrapKeys({
    onStage: (text) => io.tell(text),
    onProgress: (done, all) => io.progress(`${done} of ${all} keys`),
    onFault: (text) => io.tell(text),
  });
  io.progress("");
  const next =
    left > 0
      ? `; ${left} keys are of earlier epochs still and cannot be opened`
      : toEnd.map((one) => `; \`chartulary keys end ${one}\` may follow`).join("");
  const erased = destroyed > 0 ? `, ${destroyed} of erased documents destroyed` : "";
  const words = `epoch ${epoch}: ${rewrapped} keys wrapped anew${erased}${next}\n`;
  await io.print(given.isSet("json") ? `${writeJson(treeOf({ epoch, rewrapped, destroyed, left, toEnd }))}\n` : words);
  return left > 0 ? EXIT.no : EXIT.yes;
}

async function rotate(given: Arguments, { io, rotateSealKey }: Tools): Promise<number> {
  const [p12, signer] = [given.text("p12"), given.text("signer")];
  if (p12 !== undefined && signer !== undefined) throw new AppError("invalid", "a new seal key is in one place: --p12 or --signer");
  const { number, from, certificate, isNew } = await rotateSealKey({ onStage: (text) => io.tell(text) }, { p12, signer });
  const fingerprint = fingerprintOf(certificate);
  const words = isNew ? "is begun" : "was begun before";
  await io.print(
    given.isSet("json")
      ? `${writeJson(treeOf({ number, from, isNew, fingerprint256: fingerprint, certificate: pemOf(certificate) }))}\n`
      : `seal key ${number} (${fingerprint}) ${words}: what is received from ${from} on is sealed by it. Back up KEYS_DIR\n`,
  );
  return EXIT.yes;
}

async function rotateLog(given: Arguments, { io, rotateLogKey }: Tools): Promise<number> {
  const until = instantOf(given.text("until"), "until when does the old key sign? --until 2026-12-29T10:00:00Z");
  const begun = await rotateLogKey({ onStage: (text) => io.tell(text) }, until);
  const words = `the log's key ${begun.number} ${begun.isNew ? "is begun" : "was begun before"}, by entry ${begun.index} of the log
  new   ${begun.vkey}
  old   ${begun.previous}
        signs beside it until ${begun.until}
Back up KEYS_DIR. Until then: give the new key to the operators of witnesses (a line \`log VKEY\` in their --logs), and have /trust.json fetched anew
`;
  await io.print(given.isSet("json") ? `${writeJson(treeOf(begun))}\n` : words);
  return EXIT.yes;
}

async function endLog(text: string | undefined, given: Arguments, { io, endLogKey }: Tools): Promise<number> {
  const ended = await endLogKey(orderOf(text, given, "key of the log"));
  const { number, wasEnded } = ended;
  const words = `the log's key ${number} ${wasEnded ? "had ended before" : "has ended"} as of ${ended.since} (${ended.reason}): nothing counts that is signed by it alone. Tell whoever keeps a trust file or a receipt to fetch it anew, and the operators of witnesses to strike it out\n`;
  await io.print(given.isSet("json") ? `${writeJson(treeOf(ended))}\n` : words);
  return EXIT.yes;
}

/** Which key is to end. */
function orderOf(text: string | undefined, given: Arguments, called: string): SealKeyOrder {
  const reason = given.text("reason");
  if (text === undefined || !/^[1-9][0-9]{0,3}$/.test(text))
    throw new AppError("invalid", `which ${called} is to end? \`chartulary keys\` lists them`);
  const lacking = "since when may somebody else have the key? --since 2026-11-29T10:00:00Z";
  const since = instantOf(given.text("since"), lacking);
  if (since === undefined) throw new AppError("invalid", lacking);
  if (reason === undefined) throw new AppError("invalid", "why is it ended? --reason TEXT, which everybody may read");
  return { number: Number(text), since, reason };
}

function instantOf(text: string | undefined, lacking: string): Date | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(Date.parse(text))) throw new AppError("invalid", lacking);
  return new Date(text);
}

async function endSeal(text: string | undefined, given: Arguments, { io, endSealKey }: Tools): Promise<number> {
  const ended = await endSealKey(orderOf(text, given, "seal key"));
  const { number, before, wasEnded, isSealing } = ended;
  if (!isSealing) io.tell("no seal key is left, and no document is taken: `chartulary keys rotate` begins another");
  const words = `seal key ${number} ${wasEnded ? "had ended before" : "has ended"} as of ${ended.since} (${ended.reason}): of what it sealed, the first ${before} entries of the log stay proven\n`;
  await io.print(given.isSet("json") ? `${writeJson(treeOf(ended))}\n` : words);
  return EXIT.yes;
}

async function end(text: string | undefined, given: Arguments, { io, endEpoch }: Tools): Promise<number> {
  if (text === undefined || !/^[1-9][0-9]{0,3}$/.test(text)) throw new AppError("invalid", "which epoch is to end? `chartulary keys` lists them");
  const ended = await endEpoch(Number(text), {
    onStage: (stage) => io.tell(stage),
    onProgress: (looked) => io.progress(`${looked} keys looked at`),
    leavesArchives: given.isSet("leave-archives"),
  });
  io.progress("");
  const { epoch, keyId, index, at, wasEnded, copies } = ended;
  for (const folder of copies)
    io.tell(`${folder} has that master key in its repository-keys.tar: run \`chartulary backup ${folder} --with-keys\` now`);
  const where = index === undefined ? "" : `, entry ${index} of the log (${at ?? ""})`;
  const words = `epoch ${epoch} (${keyId}) ${wasEnded ? "had ended before" : "has ended"}${where}: its master key is destroyed here. Destroy the copies of it that you keep elsewhere\n`;
  await io.print(
    given.isSet("json") ? `${writeJson(treeOf({ epoch, keyId, wasEnded, copies, ...(index !== undefined && { index, at }) }))}\n` : words,
  );
  return EXIT.yes;
}

function fieldsOf(opened: Keys): object {
  return {
    log: {
      origin: opened.log.origin,
      vkey: opened.log.vkey,
      ...(opened.log.keys && { keys: opened.log.keys.map((key) => logKeyFields(key, opened)) }),
    },
    ...(opened.pastLogs.length > 0 && { pastLogs: opened.pastLogs.map(({ origin, vkey }) => ({ origin, vkey })) }),
    epochs: opened.master.epochs(),
    seals: opened.sealCertificates.map(({ certificate, isCurrent, from, until, ended }) => ({
      isCurrent,
      ...(from && { from: from.toISOString() }),
      ...(until && { until: until.toISOString() }),
      ...(ended && { ended: { since: ended.since.toISOString(), before: ended.before, reason: ended.reason } }),
      subject: certificate.subject,
      notBefore: certificate.validFrom.toISOString(),
      notAfter: certificate.validTo.toISOString(),
      fingerprint256: fingerprintOf(certificate),
      certificate: pemOf(certificate),
    })),
  };
}

function logKeyFields({ vkey, after, until, ended }: LogKey, { logKeys }: Keys): object {
  const number = logKeys.held().find((key) => key.vkey === vkey)?.number;
  return {
    ...(number !== undefined && { number }),
    vkey,
    ...(after === Infinity ? { isBegun: false } : { after }),
    ...(until && { until: until.toISOString() }),
    ...(ended && { ended: { since: ended.since.toISOString(), reason: ended.reason } }),
  };
}

/** A log's keys, the newest first. */
function logKeyLines({ log: { vkey, keys }, logKeys }: Keys): string {
  if (keys === undefined) return `  key          ${vkey}\n`;
  const line = (key: LogKey): string => {
    const number = logKeys.held().find((one) => one.vkey === key.vkey)?.number;
    const facts = [
      key.after === Infinity ? "not begun" : key.after > 0 ? `from entry ${key.after} on` : "the first",
      key.until && `signs until ${key.until.toISOString()}`,
      key.ended && `ended as of ${key.ended.since.toISOString()}: ${key.ended.reason}`,
    ];
    return `  key ${String(number ?? "").padEnd(9)}${key.vkey}\n               ${facts.filter(Boolean).join(", ")}\n`;
  };
  return [...keys].reverse().map(line).join("");
}

function textOf(opened: Keys): string {
  const seals = opened.sealCertificates.map(
    ({
      certificate,
      isCurrent,
      from,
      until,
      ended,
    }) => `seal${isCurrent ? " (current)" : ""}${ended ? ` (ended as of ${ended.since.toISOString()}: ${ended.reason})` : ""}
${from || until ? `  seals        ${from ? `from ${from.toISOString()} ` : ""}${until ? `until ${until.toISOString()}` : ""}\n` : ""}  subject      ${certificate.subject.replaceAll("\n", ", ")}
  valid        ${certificate.validFrom.toISOString()} to ${certificate.validTo.toISOString()}
  fingerprint  ${fingerprintOf(certificate)}
`,
  );
  return `log
  origin       ${opened.log.origin}
${logKeyLines(opened)}${opened.pastLogs.map(({ origin, vkey }) => `log (ended)\n  origin       ${origin}\n  key          ${vkey}\n`).join("")}${seals.join("")}master
${opened.master
  .epochs()
  .map(({ epoch, keyId, isEnded }) => `  epoch ${String(epoch).padEnd(7)}${keyId}${isEnded ? ", ended: destroyed here" : ""}\n`)
  .join("")}`;
}

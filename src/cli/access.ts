import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { AppError } from "../core/errors.ts";
import { EXIT, type AccessExplained, type Command } from "./command.ts";

export const access: Command = {
  help: `chartulary access explain --document ID|FILE [--role R]… [--organisation SYSTEM|VALUE]… [--clearance CODE]…
  [--purpose CODE] [--patient SYSTEM|VALUE]… [--client ID] [--system] [--json]

Says what the policy (ACCESS_POLICY) lets somebody do with a document, and why: each rule with what of it holds, what the document's
labels ask for, what the caller is cleared for, and of a kept document which consent of its patient decides, by which provision, or which
element of it could not be evaluated (by the identifiers in the document; not by those that an identity feed joined). Asks nobody else and lets nobody do anything. A service may run meanwhile.

  --document ID|FILE            a document that is kept here, or a Bundle in a file
  --role R                      a role of the caller; may be given several times, as those below
  --organisation SYSTEM|VALUE   for which the caller acts
  --clearance CODE              what an issuer says that the caller is cleared for
  --patient SYSTEM|VALUE        the caller's own patient, by an identifier of a system in PATIENT_SYSTEMS
  --purpose CODE                purpose of use (v3-PurposeOfUse), such as TREAT or ETREAT
  --client ID                   the client that asks
  --system                      it is a system, and no person
  --json                        one JSON line

Exit code: 0 the document may be read, 1 it may not, 2 it could not be told.
`,
  options: {
    document: { type: "string" },
    role: { type: "string", multiple: true },
    organisation: { type: "string", multiple: true },
    clearance: { type: "string", multiple: true },
    patient: { type: "string", multiple: true },
    purpose: { type: "string" },
    client: { type: "string" },
    system: { type: "boolean" },
    json: { type: "boolean" },
  },
  takes: { least: 1, most: 1 },

  async run(given, { io, explainAccess }) {
    if (given.files[0] !== "explain") throw new AppError("invalid", `There is no "access ${given.files[0] ?? ""}": it is "access explain".`);
    const document = given.text("document");
    if (document === undefined) throw new AppError("invalid", "Which document? --document names its id, or a file.");
    for (const name of ["organisation", "patient"] as const)
      for (const text of given.texts(name))
        if (!text.includes("|")) throw new AppError("invalid", `--${name} is written SYSTEM|VALUE, not "${text}".`);
    const told = await explainAccess(document, {
      kind: given.isSet("system") ? "system" : "person",
      roles: given.texts("role"),
      organisations: given.texts("organisation"),
      clearance: given.texts("clearance"),
      patientKeys: given.texts("patient"),
      purpose: given.text("purpose"),
      client: given.text("client"),
    });
    await io.print(given.isSet("json") ? `${writeJson(treeOf(told))}\n` : textOf(told));
    return told.permitted.includes("read") ? EXIT.yes : EXIT.no;
  },
};

function textOf({ policy, document, permitted, rules, clearance, isOwnPatient, consent }: AccessExplained): string {
  const { facts } = document;
  const list = (texts: readonly string[]): string => (texts.length === 0 ? "-" : texts.join(", "));
  const rows: (readonly [string, string])[] = [
    ["policy", policy],
    ["document", document.title],
    ["custodian", list(facts.custodian)],
    ["authors of", list(facts.organisation)],
    ["patient", `${list(facts.patient)}${isOwnPatient ? " (the caller's own)" : ""}`],
    ["type", list(facts.type)],
    ["status", list(facts.status)],
    ["labels", list(facts.labels)],
    ["clearance", `${list(clearance.needed)} needed, ${list(clearance.has)} held: ${clearance.isEnough ? "enough" : "not enough to read it"}`],
    ...(consent ? [["consents", `${consent.reason}: ${consent.isPermitted ? "may be read" : "may not be read"}`] as const] : []),
  ];
  const ruled = rules.map(({ name, effect, rights, isForCaller, isForDocument }) => {
    const holds =
      isForCaller && isForDocument
        ? "applies"
        : `is not about ${[...(isForCaller ? [] : ["this caller"]), ...(isForDocument ? [] : ["this document"])].join(" and ")}`;
    return `  ${effect} ${rights.join(", ")}: "${name}" ${holds}\n`;
  });
  const verdict = permitted.length === 0 ? "nothing is permitted" : `permitted: ${permitted.join(", ")}`;
  return `${rows.map(([name, text]) => `${name.padEnd(11)}${text}\n`).join("")}rules\n${ruled.join("")}${verdict}\n`;
}

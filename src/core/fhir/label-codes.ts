/** The codes of security labels (R4 security-labels.html) by what they say: the one place that tells them apart. */
import type { JsonObject } from "./tree/tree.ts";

/** The levels of v3-Confidentiality, the lowest first. */
export const CONFIDENTIALITY_LEVELS = ["U", "L", "M", "N", "R", "V"] as const;
export type ConfidentialityLevel = (typeof CONFIDENTIALITY_LEVELS)[number];

/** v3-ActCode below InformationSensitivityPolicy and Compartment. */
export const SENSITIVITIES: ReadonlySet<string> = new Set(
  (
    "ETH GDIS HIV MST SCA SDV SEX SPI BH COGN DVD EMOTDIS MH PSY PSYTHPN SUD ETHUD OPIOIDUD STD TBOO VIO SICKLE DEMO DOB GENDER LIVARG MARST RACE REL B EMPL LOCIS SSP ADOL CEL DIA DRGIS EMP PDS PHY PRS " +
    "COMPT ACOCOMPT CTCOMPT FMCOMPT HRCOMPT LRCOMPT PACOMPT RESCOMPT RMGTCOMPT"
  ).split(" "),
);

/** v3-ActCode below ObligationPolicy: what must be done with what bears it. */
export const OBLIGATIONS: ReadonlySet<string> = new Set(
  (
    "ANONY AOD AUDIT AUDTR CPLYCC CPLYCD CPLYJPP CPLYOPP CPLYOSP CPLYPOL DECLASSIFYLABEL DEID DELAU DOWNGRDLABEL DRIVLABEL ENCRYPT ENCRYPTR ENCRYPTT ENCRYPTU HUAPRV LABEL MASK MINEC PERSISTLABEL PRIVMARK PSEUD " +
    "REDACT UPGRDLABEL"
  ).split(" "),
);

/** v3-ActCode below RefrainPolicy: what must not be done. */
export const REFRAINS: ReadonlySet<string> = new Set(
  "NOAUTH NOCOLLECT NODSCLCD NODSCLCDS NOINTEGRATE NOLIST NOMOU NOORGPOL NOPAT NOPERSISTP NORDSCLCD NORDSCLCDS NORDSCLW NORELINK NOREUSE NOVIP ORCON".split(
    " ",
  ),
);

/** Those that forbid what a repository is for: to keep, for ever, what it was given (docs/design/labels.md). */
export const AGAINST_KEEPING: ReadonlySet<string> = new Set(["DELAU", "NOCOLLECT", "NOPERSISTP"]);

/** Policies that name themselves: whoever may see the document is told them. */
const POLICIES: ReadonlySet<string> = new Set(["AUTHPOL", "ACCESSCONSCHEME", "DELEPOL"]);

/** Each code system by all names that are in use (R4, DSTU2, CDA); a label without a system is taken at its word: better one warning too many. */
const CONFIDENTIALITY = /v3[-/]Confidentiality$|^urn:oid:2\.16\.840\.1\.113883\.5\.25$|^$/;
const ACT_CODE = /v3[-/]ActCode$|^urn:oid:2\.16\.840\.1\.113883\.5\.4$|^$/;
/** Integrity, and purposes of use: they say something of the data, and keep nobody out. */
const NOT_OF_ACCESS = /v3[-/](?:ObservationValue|ActReason)$|^urn:oid:2\.16\.840\.1\.113883\.5\.(?:1063|8)$/;
/** `HTEST` is "test health data" (v3-ActReason); servers also use plain words, as labels and as tags. */
const TEST = /^(?:htest|test|testdata|test-data|testhealthdata|synthetic)$/i;

/**
 * `confidentiality`: a level. `sensitivity`: only whoever is cleared for it may see it. `obligation`, `refrain`: what must, and must not, be done. `policy`: a policy that names itself. `test`: no real
 * case. `statement`: integrity or purpose. `unknown`: put there for a reason that nobody here knows.
 */
export type LabelKind = "confidentiality" | "sensitivity" | "obligation" | "refrain" | "policy" | "test" | "statement" | "unknown";

/** What a label (a Coding) says. A concept without a code says nothing that could be held against a clearance, and so is not known. */
export function labelKind(label: JsonObject): LabelKind {
  const system = label.string("system") ?? "";
  const code = label.string("code") ?? "";
  if (TEST.test(code)) return "test";
  if (NOT_OF_ACCESS.test(system)) return "statement";
  if (CONFIDENTIALITY.test(system) && isLevel(code)) return "confidentiality";
  if (!ACT_CODE.test(system)) return "unknown";
  if (SENSITIVITIES.has(code)) return "sensitivity";
  if (OBLIGATIONS.has(code)) return "obligation";
  if (REFRAINS.has(code)) return "refrain";
  return POLICIES.has(code) ? "policy" : "unknown";
}

export function isLevel(code: string): code is ConfidentialityLevel {
  return (CONFIDENTIALITY_LEVELS as readonly string[]).includes(code);
}

/** That it is no real case, as a label or a tag says. */
export function isTestLabel(label: JsonObject): boolean {
  return TEST.test(label.string("code") ?? "");
}

/** Those of some labels that forbid to keep what bears them. `at`: which of them, from 0. */
export function labelsAgainstKeeping(labels: readonly JsonObject[]): { readonly at: number; readonly code: string; readonly offset: number }[] {
  return labels.flatMap((label, at) => {
    const code = label.string("code") ?? "";
    const kind = labelKind(label);
    const isOne = (kind === "obligation" || kind === "refrain") && AGAINST_KEEPING.has(code);
    return isOne ? [{ at, code, offset: label.offset }] : [];
  });
}

const FORBIDS: Readonly<Record<string, string>> = {
  DELAU: "that it is deleted after use",
  NOCOLLECT: "that it is not collected or stored",
  NOPERSISTP: "that it is not kept longer than its purpose needs",
};

/** Why such a label is refused, and what to do, for whoever sent it. */
export function keepingText(code: string): string {
  return `The security label ${code} demands ${FORBIDS[code] ?? "that it is not kept"}, and what is deposited here is kept for ever. Send it without this label, if whoever set it agrees, or do not deposit it here; who may see it is narrowed by confidentiality, sensitivity and consent.`;
}

/** The labels of a resource itself. */
export function ownLabels(resource: JsonObject): readonly JsonObject[] {
  return resource.object("meta")?.objects("security") ?? [];
}

/** Labels of a DocumentReference that a source sent with its document (IHE MHD): they count as the document's own. */
export function saidLabels(reference: JsonObject | undefined): readonly JsonObject[] {
  return reference?.objects("securityLabel").flatMap((concept) => concept.objects("coding")) ?? [];
}

/**
 * What somebody must be cleared for to see a document, by its labels (R4 security-labels.html): the level of v3-Confidentiality, and each sensitivity (HIV, PSY, …) by its code. Taken when the
 * document is indexed, so that a search is narrowed by it and what a sender says later can only add to it.
 */
import type { DocumentBundle } from "../core/fhir/document-bundle.ts";
import type { JsonObject } from "../core/fhir/tree/tree.ts";

/** The levels of v3-Confidentiality, the lowest first. */
export const CONFIDENTIALITY_LEVELS = ["U", "L", "M", "N", "R", "V"] as const;
export type ConfidentialityLevel = (typeof CONFIDENTIALITY_LEVELS)[number];

/** Of a document that says nothing. */
const UNLABELLED: ConfidentialityLevel = "N";
/** Of a label that nobody here knows: it was put there for a reason. */
const UNKNOWN: ConfidentialityLevel = "R";

/** Each code system by all names that are in use; a label without a system is taken at its word. */
const CONFIDENTIALITY = /v3[-/]Confidentiality$|^urn:oid:2\.16\.840\.1\.113883\.5\.25$|^$/;
const ACT_CODE = /v3[-/]ActCode$|^urn:oid:2\.16\.840\.1\.113883\.5\.4$|^$/;
/** Integrity, and purposes of use: they say something of the data, and keep nobody out. */
const NOT_OF_ACCESS = /v3[-/](?:ObservationValue|ActReason)$|^urn:oid:2\.16\.840\.1\.113883\.5\.(?:1063|8)$/;

/** v3-ActCode below InformationSensitivityPolicy and Compartment. */
export const SENSITIVITIES: ReadonlySet<string> = new Set(
  (
    "ETH GDIS HIV MST SCA SDV SEX SPI BH COGN DVD EMOTDIS MH PSY PSYTHPN SUD ETHUD OPIOIDUD STD TBOO VIO SICKLE DEMO DOB GENDER LIVARG MARST RACE REL B EMPL LOCIS SSP ADOL CEL DIA DRGIS EMP PDS PHY PRS " +
    "COMPT ACOCOMPT CTCOMPT FMCOMPT HRCOMPT LRCOMPT PACOMPT RESCOMPT RMGTCOMPT"
  ).split(" "),
);

/** v3-ActCode below ObligationPolicy and RefrainPolicy, and policies that name themselves: whoever may see the document is told them. */
const CONDITIONS: ReadonlySet<string> = new Set(
  (
    "AUTHPOL ACCESSCONSCHEME DELEPOL ANONY AOD AUDIT AUDTR CPLYCC CPLYCD CPLYJPP CPLYOPP CPLYOSP CPLYPOL DECLASSIFYLABEL DEID DELAU DOWNGRDLABEL DRIVLABEL ENCRYPT ENCRYPTR ENCRYPTT ENCRYPTU HUAPRV LABEL MASK " +
    "MINEC PERSISTLABEL PRIVMARK PSEUD REDACT UPGRDLABEL NOAUTH NOCOLLECT NODSCLCD NODSCLCDS NOINTEGRATE NOLIST NOMOU NOORGPOL NOPAT NOPERSISTP NORDSCLCD NORDSCLCDS NORDSCLW NORELINK NOREUSE NOVIP ORCON"
  ).split(" "),
);

/** That it is no real case: keeps nobody out. */
const TEST = /^(?:htest|test|testdata|test-data|testhealthdata|synthetic)$/i;

/**
 * The level first, then sensitivities. The highest label of any part rules the whole document, which is given as one.
 * @param said the DocumentReference that a source sent with it (IHE MHD), whose labels count as the document's own
 */
export function neededClearance({ composition, bundle, entries }: DocumentBundle, said: JsonObject | undefined): string[] {
  const resources = entries.flatMap(({ resource }) => [resource, ...resource.objects("contained")]);
  const labels = [
    ...[bundle, ...resources].flatMap((resource) => resource.object("meta")?.objects("security") ?? []),
    ...(said?.objects("securityLabel").flatMap((concept) => concept.objects("coding")) ?? []),
  ];
  const own = composition.resource.string("confidentiality");
  const needed = [...(own === undefined ? [] : [levelOf(own)]), ...labels.flatMap(ofLabel)];
  const levels = needed.filter(isLevel);
  const highest = CONFIDENTIALITY_LEVELS.findLast((level) => levels.includes(level)) ?? UNLABELLED;
  return [highest, ...new Set(needed.filter((code) => !isLevel(code)))];
}

/** What one label asks for. A concept without a code says nothing that could be held against a clearance, and so is not known. */
function ofLabel(label: JsonObject): string[] {
  const system = label.string("system") ?? "";
  const code = label.string("code") ?? "";
  if (NOT_OF_ACCESS.test(system) || TEST.test(code)) return [];
  if (CONFIDENTIALITY.test(system) && isLevel(code)) return [code];
  if (ACT_CODE.test(system) && SENSITIVITIES.has(code)) return [code];
  if (ACT_CODE.test(system) && CONDITIONS.has(code)) return [];
  return [UNKNOWN];
}

function levelOf(code: string): ConfidentialityLevel {
  return isLevel(code) ? code : UNKNOWN;
}

export function isLevel(code: string): code is ConfidentialityLevel {
  return (CONFIDENTIALITY_LEVELS as readonly string[]).includes(code);
}

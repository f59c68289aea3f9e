/** By which codes R4's vital signs profiles are asked for (observation-vitalsigns.html, "magic values"), and others that HL7's validator asks for them by. */
import type { VitalSignsProfile } from "../../../core/fhir/r4/held-profiles.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";

const LOINC = "http://loinc.org";
const SNOMED = "http://snomed.info/sct";
const PROFILES = "http://hl7.org/fhir/StructureDefinition/";

/** A vital sign, and the profile that R4 demands of it. */
interface VitalSign {
  /** The last part of the profile's canonical. */
  readonly profile: VitalSignsProfile;
  /** The LOINC code that R4 demands of each of them ("magic value"). */
  readonly code?: string;
  /** Codes of the same observation, of which HL7's validator demands the profile, and so the code above beside them: LOINC's and SNOMED CT's. */
  readonly alsoLoinc: string;
  readonly alsoSnomed: string;
}

/** In the order in which HL7's validator asks: the first that fits counts. */
const VITAL_SIGNS: readonly VitalSign[] = [
  { profile: "vitalspanel", alsoLoinc: "85353-1", alsoSnomed: "46680005" },
  {
    profile: "resprate",
    code: "9279-1",
    alsoLoinc: "76170-0 76172-6 76171-8 19840-8 33438-3 76270-8 11291-2",
    alsoSnomed: "86290005 271625008 271306003",
  },
  {
    profile: "heartrate",
    code: "8867-4",
    alsoLoinc: "60978-4 73795-7 73799-9 76476-1 76477-9 8889-8 8890-6 8891-4 8892-2 8893-0 40443-4 55425-3 68999-2 11328-2 69000-8 8886-4",
    alsoSnomed: "249043002 444981005 399017001 251670001 429525003 429614003",
  },
  {
    profile: "oxygensat",
    code: "2708-6",
    alsoLoinc: "19224-5 20564-1 2709-4 2710-2 2713-6 51733-4 59408-5 59417-6 89276-0 97549-0",
    alsoSnomed: "442476006 431314004",
  },
  {
    profile: "bodytemp",
    code: "8310-5",
    alsoLoinc:
      "60834-9 60835-6 60836-4 60838-0 60955-2 61009-7 75539-7 75987-8 76010-8 76011-6 76278-1 8309-7 8328-7 8329-5 8330-3 8331-1 8332-9 8333-7 8334-5 91371-5 98657-0 98663-8",
    alsoSnomed:
      "386725007 276885007 300076005 1222808002 364246006 307047009 708499008 431598003 698831002 698832009 415882003 415974002 415929009 415945006",
  },
  {
    profile: "bodyheight",
    code: "8302-2",
    alsoLoinc: "3137-7 3138-5 8306-3 8308-9",
    alsoSnomed: "1153637007 1162419008 50373000 1162418000 1230278008 1162392001 1162417005",
  },
  {
    profile: "headcircum",
    code: "9843-4",
    alsoLoinc: "8287-5",
    alsoSnomed: "363812007 169876006 1269262007 363811000",
  },
  {
    profile: "bodyweight",
    code: "29463-7",
    alsoLoinc: "3141-9 3142-7 75292-3 79348-9 8350-1 8351-9",
    alsoSnomed: "735395000 425024002 424927000 784399000 1162416001 1162415002",
  },
  { profile: "bmi", code: "39156-5", alsoLoinc: "89270-3", alsoSnomed: "60621009" },
  {
    profile: "bp",
    code: "85354-9",
    alsoLoinc: "35094-2 8459-0 76534-7 55284-4 8480-6",
    alsoSnomed: "251076008 163033001 163035008 386534000 386536003 271649006 271650006 407556006 407554009 716579001 399304008",
  },
];

/** Codes of one part of a blood pressure, for which HL7's validator demands the whole. R4 demands it of 85354-9, which is no other name for a part (docs/differential.md). */
const PART_CODES: ReadonlySet<string> = new Set([
  ...["8480-6", "8459-0", "76534-7"].map((code) => `${LOINC}|${code}`),
  ...["271649006", "271650006", "407554009", "407556006", "716579001", "399304008"].map((code) => `${SNOMED}|${code}`),
]);

/** Which profile a code asks for, by `system|code`, as its place in the table: LOINC's codes come before SNOMED CT's. */
const RANKS: ReadonlyMap<string, number> = new Map(
  [...VITAL_SIGNS.entries()].flatMap(([rank, { code = "", alsoLoinc, alsoSnomed }]) => [
    ...`${code} ${alsoLoinc}`
      .trim()
      .split(" ")
      .map((one) => [`${LOINC}|${one}`, rank] as const),
    ...alsoSnomed.split(" ").map((one) => [`${SNOMED}|${one}`, rank + VITAL_SIGNS.length] as const),
  ]),
);
/** The same codes without their systems: most Observations have none of them, and need not be looked up by both. */
const CODES: ReadonlySet<string> = new Set([...RANKS.keys()].map((key) => key.slice(key.indexOf("|") + 1)));

/** What the codes of an Observation ask for: the canonical of a profile, or `part` where one part of a blood pressure stands alone; undefined for nothing. */
export function vitalSignAsked(observation: JsonObject): { readonly profile: string } | "part" | undefined {
  const coding = observation.object("code")?.objects("coding") ?? [];
  if (!coding.some((one) => CODES.has(one.string("code") ?? ""))) return undefined;
  const codes = coding.map((one) => `${one.string("system") ?? ""}|${one.string("code") ?? ""}`).filter((code) => RANKS.has(code));
  if (codes.length === 0) return undefined;
  if (codes.every((code) => PART_CODES.has(code))) return "part";
  const sign = VITAL_SIGNS[Math.min(...codes.flatMap((code) => RANKS.get(code) ?? [])) % VITAL_SIGNS.length];
  return sign && { profile: PROFILES + sign.profile };
}

/** What is asked in the benchmark `search`: addresses below a FHIR base, each other by its round. */
import { codeOf, factsOf, mixed, SYSTEMS } from "./search-documents.ts";

/** What questions are about. */
export interface Filled {
  /** How many documents there are. */
  readonly documents: number;
  /** Ids of Patients that the server knows, by document. */
  readonly patients: ReadonlyMap<number, string>;
}

export interface Question {
  readonly name: string;
  /** For names of figures. */
  readonly figure: string;
  /** The most that its 99th percentile should be in milliseconds (issue of the figures); none: it is told only. */
  readonly bound?: number;
  /** Documents alone answer it: it is not asked of a server that has none. */
  readonly isOurs?: true;
  path(round: number, filled: Filled): string;
}

const of = (round: number, salt: number, { documents }: Filled): ReturnType<typeof factsOf> => factsOf(mixed(round, salt) % documents);
const patient = (round: number, salt: number, filled: Filled): string => `${SYSTEMS.patient}|${of(round, salt, filled).patient}`;
const rare = (round: number): string => `${SYSTEMS.loinc}|${codeOf(mixed(round, 101) % 100)}`;
/** It stands seven times in each document. */
const COMMON = `${SYSTEMS.loinc}|2823-3`;

export const QUESTIONS: readonly Question[] = [
  { name: "token: identifier", figure: "identifier", bound: 20, path: (round, filled) => `Patient?identifier=${patient(round, 11, filled)}` },
  { name: "token: code, one in 100", figure: "code", bound: 20, path: (round) => `Observation?code=${rare(round)}&_count=20` },
  { name: "token: code, in all", figure: "common", bound: 20, path: () => `Observation?code=${COMMON}&_count=20` },
  {
    name: "reference",
    figure: "reference",
    bound: 20,
    path: (round, { patients }) => `Observation?subject=Patient/${[...patients.values()][round % patients.size] ?? ""}&_count=20`,
  },
  { name: "string: family name", figure: "string", path: (round, filled) => `Patient?family=${of(round, 12, filled).family}&_count=20` },
  { name: "date: a day", figure: "date", path: (round, filled) => `Encounter?date=${of(round, 13, filled).date}&_count=20` },
  {
    name: "token and quantity",
    figure: "quantity",
    path: (round) => `Observation?code=${rare(round)}&value-quantity=gt5.5|http://unitsofmeasure.org|mmol/L&_count=20`,
  },
  {
    name: "chain of one step",
    figure: "chain1",
    path: (round, filled) => `Observation?subject:Patient.identifier=${patient(round, 14, filled)}&_count=20`,
  },
  {
    name: "chain of two steps",
    figure: "chain2",
    bound: 60,
    path: (round, filled) => `Observation?encounter.subject:Patient.identifier=${patient(round, 15, filled)}&_count=20`,
  },
  {
    name: "chain of two, with a code",
    figure: "chain2_code",
    bound: 60,
    path: (round, filled) =>
      `Observation?code=${COMMON}&encounter.service-provider.name=${encodeURIComponent(of(round, 16, filled).organisation)}&_count=20`,
  },
  {
    name: "Bundle?composition.patient.identifier",
    figure: "composition",
    bound: 60,
    isOurs: true,
    path: (round, filled) => `Bundle?composition.patient.identifier=${patient(round, 17, filled)}&_count=20`,
  },
  {
    name: "_has",
    figure: "has",
    path: (round) => `Patient?_has:Observation:subject:code=${rare(round)}&_count=20`,
  },
  {
    name: "page of 50 with _include",
    figure: "include",
    bound: 60,
    path: () => `Observation?code=${COMMON}&_include=Observation:subject&_include=Observation:encounter&_count=50`,
  },
  { name: "sorted by date", figure: "sorted", path: (round) => `Observation?code=${rare(round)}&_sort=-date&_count=20` },
  {
    name: "full text: a word of narratives",
    figure: "text",
    isOurs: true,
    path: (round, filled) => `Observation?_text=${of(round, 18, filled).word}&_count=20`,
  },
];

/** All of them, page by page: one of each document. */
export const ALL = "Encounter?class=AMB&_count=100";

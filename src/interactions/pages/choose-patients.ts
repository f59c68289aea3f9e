import type { Asked } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";
import type { PatientChoice } from "../../pipeline/render/pages/account-pages.ts";
import type { ResourceInteractions } from "../fhir/search-resources.ts";

/** So many are shown: whoever does not find theirs says more. */
const SHOWN = 20;
const IDENTIFIERS = 3;

interface Named {
  readonly text?: string;
  readonly family?: string;
  readonly given?: readonly string[];
}

interface FoundPatient {
  readonly resourceType: string;
  readonly id?: string;
  readonly name?: readonly Named[];
  readonly birthDate?: string;
  readonly identifier?: readonly { readonly value?: string }[];
}

/** Patients among those whom somebody may see: found by name, or by identifier; without words the first ones. */
export async function choosePatients(asked: Asked, query: string, resources: Pick<ResourceInteractions, "search">): Promise<PatientChoice[]> {
  const questions: [string, string][][] = query === "" ? [[]] : [[["name", query]], [["identifier", query]]];
  const found = new Map<string, PatientChoice>();
  for (const parameters of questions) {
    const request = { type: "Patient", parameters: [...parameters, ["_count", String(SHOWN)] as const], handling: "strict" } as const;
    const bundle = await resources
      .search(asked, request, { form: "json", pretty: false })
      .then((page) => page.write())
      .catch((error: unknown) => {
        // What can't be asked so finds nobody.
        if (error instanceof AppError && (error.code === "bad-query" || error.code === "unsupported")) return undefined;
        throw error;
      });
    for (const patient of bundle ? patientsIn(bundle) : []) found.set(patient.id, patient);
  }
  return [...found.values()].slice(0, SHOWN);
}

function patientsIn(bundle: Uint8Array): PatientChoice[] {
  const { entry = [] } = JSON.parse(Buffer.from(bundle).toString("utf8")) as { readonly entry?: readonly { readonly resource?: FoundPatient }[] };
  return entry.flatMap(({ resource }) => {
    if (resource?.resourceType !== "Patient" || resource.id === undefined) return [];
    const { id, name = [], birthDate, identifier = [] } = resource;
    return [
      {
        id,
        name: nameOf(name[0]) ?? id,
        birthDate,
        identifiers: identifier.flatMap(({ value }) => value ?? []).slice(0, IDENTIFIERS),
      },
    ];
  });
}

function nameOf(name: Named | undefined): string | undefined {
  const whole = name?.text ?? [...(name?.given ?? []), name?.family ?? ""].join(" ").trim();
  return whole === "" ? undefined : whole;
}

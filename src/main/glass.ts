/** Broken glass, as a service keeps it and looks after it. A part of the composition root. */
import type { GlassInteractions, GlassNeeds } from "../interactions/glass/glass.ts";
import { GlassRecords, type GlassSettings } from "../interactions/glass/glass-records.ts";
import type { Recording } from "../pipeline/trail/trail.ts";
import type { Deciding } from "../reader/deciding.ts";
import { glassPatient } from "../reader/glass-patient.ts";
import { ownPatient, type OwnPatientNeeds } from "../reader/own-patient.ts";
import type { Finder } from "../search/finder.ts";
import type { PatientSystems } from "../search/same-person.ts";
import type { AccessPolicy } from "../security/policy/access-policy.ts";

/** So often it is looked whether the time of some is over, in milliseconds. What is over opens nothing from its moment on; this is for the trail to say so. */
const LOOK = 10_000;

export interface GlassUsing extends OwnPatientNeeds {
  readonly policy: AccessPolicy;
  readonly settings: GlassSettings;
  readonly trail: Pick<Recording, "record">;
  readonly deciding: Pick<Deciding, "knownOf">;
  readonly finder: OwnPatientNeeds["finder"] & Pick<Finder, "newest">;
  readonly systems: PatientSystems;
  onFault(error: unknown, what: string): void;
}

export interface OpenedGlass {
  readonly needs: GlassNeeds;
  /** Notes from now on what ends by time. */
  watch(glass: Pick<GlassInteractions, "closeOver">): void;
  /** Waits for what is being noted. */
  stop(): Promise<void>;
}

export function openGlass({ policy, settings, trail, deciding, systems, onFault, ...owning }: GlassUsing): OpenedGlass {
  const { finder, personIdOf } = owning;
  const behind = { systems, personIdOf, deciding, ownPatient: (id: string) => ownPatient(id, owning) };
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  return {
    needs: {
      ...{ policy, systems, records: new GlassRecords(settings), record: (events) => trail.record(events) },
      patientBehind: (named) => glassPatient(named, behind),
      isAny: async (documents) => (await finder.newest(1, documents)).documents.length > 0,
    },
    watch: (glass) => {
      const look = (): void => {
        looking = looking.then(() => glass.closeOver()).catch((error: unknown) => onFault(error, "it could not be noted that broken glass is over"));
      };
      timer = setInterval(look, LOOK).unref();
      look();
    },
    stop: async () => {
      clearInterval(timer);
      await looking;
    },
  };
}

/** What a sentence of dosage is made of, in one language. Only languages whose sentences a fluent reader has checked have one; in the others the parts are listed with labels. */
export interface Phrases {
  /** `and` before the last of several. */
  readonly and: string;
  /** From the first to the second. */
  readonly to: string;
  readonly step: string;
  readonly rate: string;
  readonly method: string;
  readonly site: string;
  readonly on: string;
  /** Once in one second, minute, …, year; by UCUM's code. */
  readonly oncePer: Readonly<Record<string, string>>;
  readonly timesPer: Readonly<Record<string, string>>;
  readonly every: string;
  readonly timesEvery: string;
  /** By code of EventTiming. */
  readonly when: Readonly<Record<string, string>>;
  /** The same so many minutes before or after. */
  readonly offset: Readonly<Record<string, string>>;
  readonly days: Readonly<Record<string, string>>;
  readonly onDays: string;
  readonly atTimes: string;
  readonly lasting: string;
  readonly count: string;
  readonly forTime: string;
  readonly fromUntil: string;
  readonly asNeeded: string;
  readonly asNeededFor: string;
  readonly notOnlyAsNeeded: string;
  readonly mostPerPeriod: string;
  readonly mostAtATime: string;
  readonly mostInALifetime: string;
}

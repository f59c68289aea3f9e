/** Code systems and value sets as packages have them, less their narratives and the story of their making. R4 codesystem.html, valueset.html. */
export interface CodeSystem {
  readonly url: string;
  readonly version?: string;
  readonly name?: string;
  readonly title?: string;
  readonly status?: string;
  /** Of its displays. */
  readonly language?: string;
  /** Absent: true has to be said (codesystem.html). */
  readonly caseSensitive?: boolean;
  /** Only of `complete` is a code that is not there no code. */
  readonly content: "not-present" | "example" | "fragment" | "complete" | "supplement";
  /** What a supplement supplements. */
  readonly supplements?: string;
  readonly hierarchyMeaning?: string;
  /** The value set of all its codes. */
  readonly valueSet?: string;
  readonly copyright?: string;
  /** `uri` says which property that FHIR defines it is: `http://hl7.org/fhir/concept-properties#notSelectable`. */
  readonly property?: readonly { readonly code: string; readonly type: string; readonly uri?: string }[];
  readonly filter?: readonly { readonly code: string; readonly operator: readonly string[] }[];
  readonly concept?: readonly Concept[];
}

export interface Concept {
  readonly code: string;
  readonly display?: string;
  readonly definition?: string;
  readonly designation?: readonly { readonly language?: string; readonly use?: string; readonly value: string }[];
  /** `value` is that of `value[x]`: of a Coding its code. */
  readonly property?: readonly { readonly code: string; readonly value: string | number | boolean }[];
  readonly concept?: readonly Concept[];
}

export interface ValueSet {
  readonly url: string;
  readonly version?: string;
  readonly name?: string;
  readonly title?: string;
  readonly status?: string;
  readonly copyright?: string;
  readonly compose?: { readonly inactive?: boolean; readonly include: readonly Include[]; readonly exclude?: readonly Include[] };
  /** What somebody expanded it to: used where `compose` is absent or can't be decided here. */
  readonly expansion?: { readonly isWhole: boolean; readonly contains: readonly Expanded[] };
}

export interface Include {
  readonly system?: string;
  readonly version?: string;
  readonly concept?: readonly { readonly code: string; readonly display?: string }[];
  readonly filter?: readonly { readonly property: string; readonly op: string; readonly value: string }[];
  readonly valueSet?: readonly string[];
}

export interface Expanded {
  readonly system?: string;
  readonly version?: string;
  readonly code?: string;
  readonly display?: string;
  readonly abstract?: boolean;
  readonly inactive?: boolean;
  readonly contains?: readonly Expanded[];
}

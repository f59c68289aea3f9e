/** What the generator reads of R4's CodeSystem and ValueSet. */
export interface CodeSystem {
  readonly resourceType: "CodeSystem";
  readonly url: string;
  readonly content: "not-present" | "example" | "fragment" | "complete" | "supplement";
  readonly concept?: readonly Concept[];
}

export interface Concept {
  readonly code: string;
  readonly display?: string;
  /** Other words for it, most of them in other languages. */
  readonly designation?: readonly { readonly use?: { readonly code?: string }; readonly value: string }[];
  readonly concept?: readonly Concept[];
  /** v3 code systems state parents as properties. */
  readonly property?: readonly { readonly code: string; readonly valueCode?: string }[];
}

export interface ValueSet {
  readonly resourceType: "ValueSet";
  readonly url: string;
  readonly name: string;
  readonly title?: string;
  readonly compose?: { readonly include?: readonly Include[]; readonly exclude?: readonly Include[] };
}

export interface Include {
  readonly system?: string;
  readonly concept?: readonly { readonly code: string }[];
  readonly filter?: readonly { readonly property: string; readonly op: string; readonly value: string }[];
  readonly valueSet?: readonly string[];
}

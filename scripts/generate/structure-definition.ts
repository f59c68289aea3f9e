/** What the generator reads of R4's StructureDefinition. */
export interface StructureDefinition {
  readonly resourceType: string;
  readonly name: string;
  readonly type: string;
  readonly url: string;
  readonly kind: "primitive-type" | "complex-type" | "resource" | "logical";
  readonly abstract: boolean;
  readonly derivation?: "specialization" | "constraint";
  readonly baseDefinition?: string;
  readonly context?: readonly { readonly type: string; readonly expression: string }[];
  readonly snapshot: { readonly element: readonly ElementDefinition[] };
}

export interface ElementDefinition {
  readonly id: string;
  readonly isSummary?: boolean;
  readonly path: string;
  readonly min: number;
  readonly max: string;
  readonly representation?: readonly string[];
  readonly contentReference?: string;
  readonly type?: readonly ElementType[];
  readonly isModifier?: boolean;
  readonly fixedUri?: string;
  readonly binding?: {
    readonly strength: "required" | "extensible" | "preferred" | "example";
    readonly valueSet?: string;
    readonly extension?: readonly { readonly url: string; readonly valueCanonical?: string }[];
  };
  readonly constraint?: readonly Constraint[];
}

export interface Constraint {
  readonly key: string;
  readonly severity: "error" | "warning";
  readonly human: string;
  readonly expression: string;
}

export interface ElementType {
  readonly code: string;
  readonly profile?: readonly string[];
  readonly targetProfile?: readonly string[];
  readonly extension?: readonly { readonly url: string; readonly valueUrl?: string; readonly valueString?: string }[];
}

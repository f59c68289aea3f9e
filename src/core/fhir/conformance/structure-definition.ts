/**
 * StructureDefinitions as packages have them, less what nobody here asks for (texts about their making, mappings, examples). Plain data: they come from packages that an operator chose, and are
 * never signed, kept or given out. R4 structuredefinition.html, elementdefinition.html.
 */
export interface StructureDefinition {
  readonly url: string;
  readonly version?: string;
  readonly name: string;
  readonly title?: string;
  readonly status?: string;
  /** The type it constrains: `Observation`, `Extension`, `Quantity`. */
  readonly type: string;
  readonly kind: "primitive-type" | "complex-type" | "resource" | "logical";
  readonly abstract?: boolean;
  readonly derivation?: "specialization" | "constraint";
  readonly baseDefinition?: string;
  /** Where an extension may stand (defining-extensions.html, Context). */
  readonly context?: readonly { readonly type: string; readonly expression: string }[];
  readonly contextInvariant?: readonly string[];
  readonly snapshot?: { readonly element: readonly ElementDefinition[] };
  readonly differential?: { readonly element: readonly ElementDefinition[] };
  /** Other profiles that what holds to this one must hold to (extension structuredefinition-imposeProfile). */
  readonly imposes?: readonly string[];
}

/** An element of a profile. Of `value[x]` properties (`fixed[x]`, `pattern[x]`, `minValue[x]`, `maxValue[x]`) each stands under the name that it has in JSON: `patternCodeableConcept`. */
export interface ElementDefinition {
  readonly id?: string;
  readonly path: string;
  readonly sliceName?: string;
  readonly sliceIsConstraining?: boolean;
  readonly min?: number;
  readonly max?: string;
  readonly base?: { readonly path: string; readonly min: number; readonly max: string };
  readonly representation?: readonly string[];
  readonly contentReference?: string;
  readonly type?: readonly ElementType[];
  readonly isModifier?: boolean;
  readonly isSummary?: boolean;
  readonly mustSupport?: boolean;
  readonly maxLength?: number;
  /** Of R4's extension minLength. */
  readonly minLength?: number;
  /** R5's `mustHaveValue`, or its extension: a primitive has a value, not extensions alone. */
  readonly mustHaveValue?: boolean;
  /** R5's `valueAlternatives`, or its extension: of these extensions a primitive without a value has one. */
  readonly valueAlternatives?: readonly string[];
  /** How a narrative is parted by languages (extension narrative-language-control): `_no`, `_yes`, `_resource`, or a language. */
  readonly narrativeLanguage?: string;
  readonly short?: string;
  readonly slicing?: Slicing;
  readonly binding?: Binding;
  readonly constraint?: readonly Constraint[];
  readonly condition?: readonly string[];
  /** Codes of obligations (extension obligation), for information. */
  readonly obligation?: readonly string[];
  readonly [valued: `${"fixed" | "pattern" | "minValue" | "maxValue"}${string}`]: unknown;
}

export interface ElementType {
  readonly code: string;
  /** One that names an element of a profile (extension elementdefinition-profile-element) ends with `#` and that element's id. */
  readonly profile?: readonly string[];
  readonly targetProfile?: readonly string[];
  readonly aggregation?: readonly ("contained" | "referenced" | "bundled")[];
  readonly versioning?: "either" | "independent" | "specific";
}

export interface Slicing {
  readonly discriminator?: readonly Discriminator[];
  readonly ordered?: boolean;
  readonly rules: "closed" | "open" | "openAtEnd";
}

/** `position` is of R5; packages for R4 carry it in few cases. */
export interface Discriminator {
  readonly type: "value" | "exists" | "pattern" | "type" | "profile" | "position";
  /** A restricted FHIRPath: `$this`, `code.coding.code`, `resolve().code`, `extension('url').value` (profiling.html, Discriminator). */
  readonly path: string;
}

export type BindingStrength = "required" | "extensible" | "preferred" | "example";

export interface Binding {
  readonly strength: BindingStrength;
  readonly valueSet?: string;
  /** Canonical of the value set beyond which an extensible binding may not go (extension elementdefinition-maxValueSet). */
  readonly maxValueSet?: string;
  /** Further bindings (R5's element, or the extension additional-binding), for information but for those of purpose `required`. */
  readonly additional?: readonly { readonly purpose: string; readonly valueSet: string; readonly usage?: boolean }[];
}

export interface Constraint {
  readonly key: string;
  readonly severity: "error" | "warning";
  readonly human: string;
  readonly expression?: string;
  /** The definition that states it first. */
  readonly source?: string;
}

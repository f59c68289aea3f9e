import { each, type RuleRows } from "../../../core/fhir/rule.ts";

/** What a profile that is held says beyond R4 (profiles/): of packages, and R4's own. */
export const HELD_PROFILE_RULES = {
  "profile-element-missing": {
    severity: "error",
    code: "required",
    source: "elementdefinition.html, `min`",
    meaning: "A profile requires an element that is absent, or a value where extensions stand alone (R5's `mustHaveValue`).",
    change: "Add it.",
  },
  ...each(["profile-element-count", "profile-element-forbidden"], {
    severity: "error",
    code: "structure",
    source: "elementdefinition.html, `min`, `max`",
    meaning: "An element stands there more often, or less often, than a profile has it; or it may not stand there at all.",
    change: "Send as many as the profile says.",
  }),
  "profile-type": {
    severity: "error",
    code: "structure",
    source: "elementdefinition.html, `type`",
    meaning: "A value is of a type that the profile does not allow there, or holds to none of the profiles of its type.",
    change: "Send another; the text says what is otherwise.",
  },
  ...each(["profile-value", "profile-pattern"], {
    severity: "error",
    code: "value",
    source: "elementdefinition.html, `fixed[x]`, `pattern[x]`",
    meaning: "A value is not the one that the profile fixes, or lacks something of its pattern.",
    change: "Send that value.",
  }),
  ...each(["profile-length", "profile-range"], {
    severity: "error",
    code: "invalid",
    source: "elementdefinition.html, `maxLength`, `minValue[x]`, `maxValue[x]`; extension minLength",
    meaning: "A value is longer, shorter, less or more than the profile allows.",
    change: "Mend it.",
  }),
  "profile-narrative-language": {
    severity: "error",
    code: "business-rule",
    source: "extension narrative-language-control",
    meaning: "A narrative has sections that say their language where the profile wants none, or lacks those that it wants.",
    change: "Part it as the profile says.",
  },
  "profile-slice-missing": {
    severity: "error",
    code: "required",
    source: "profiling.html, Slicing",
    meaning:
      "No element is of a slice that the profile requires. The text names the one that comes nearest, and the first thing by which it is none.",
    change: "Add it, or mend the one that is named.",
  },
  "profile-slice-several": {
    severity: ["error", "warning"],
    code: "structure",
    source: "profiling.html, Slicing",
    meaning:
      "An element is of several slices at once. A warning where slices are told by profiles: to hold to several is no fault of the document, but of the profile that does not tell its slices apart.",
    change: "Mend what tells the slices; nothing, where it is a warning.",
  },
  ...each(["profile-slice-count", "profile-slice-unknown", "profile-slice-order"], {
    severity: "error",
    code: "structure",
    source: "profiling.html, Slicing",
    meaning:
      "Elements are of a slice more or less often than the profile has it; of none where the slicing is closed; or not in its order, or not at its end. What can't be told selects no slice.",
    change: "The text says which slice.",
  }),
  "profile-code": {
    severity: ["error", "warning"],
    code: "code-invalid",
    source: "terminologies.html, 4.1.3 to 4.1.5; the profile's binding",
    meaning: "A code is not of the value set that the profile binds its element to. A warning where the binding is extensible.",
    change: "Use a code of the value set.",
  },
  "profile-for-information": {
    severity: "information",
    code: "informational",
    source: "extensions obligation and additional-binding",
    meaning:
      "A profile that somebody asked for by name puts obligations on systems, or has additional bindings for information: no document can break them, and nothing of them was checked.",
    change: "Nothing: look at the profile for what your system is to do.",
  },
  "profile-code-unknown": {
    severity: ["warning", "information"],
    code: "not-supported",
    source: "the profile's binding",
    meaning:
      "Whether a code is of the value set nobody can tell here: the code system or the value set is not held. Told once for each; a warning where the binding is required.",
    change: "Nothing, if the code is right.",
  },
  "profile-target": {
    severity: ["error", "warning"],
    code: "structure",
    source: "elementdefinition.html, `targetProfile`, `aggregation`",
    meaning:
      "What a reference leads to is of another type than the profile asks for, holds to none of its target profiles, or stands elsewhere. A warning where only the address tells the type.",
    change: "Refer to another, or mend that; the text says what is otherwise.",
  },
  "profile-unusable": {
    severity: "warning",
    code: "not-supported",
    source: "profiling.html",
    meaning:
      "The profile itself can't be asked wholly: a discriminator or an invariant that can't be read, or a slice that nothing tells from others.",
    change: "Nothing in the document; tell whoever publishes the profile.",
  },
} as const satisfies RuleRows;

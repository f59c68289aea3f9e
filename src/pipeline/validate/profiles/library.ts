import type { Conformance, Held, Origin } from "../../../core/fhir/conformance/conformance.ts";
import type { StructureDefinition } from "../../../core/fhir/conformance/structure-definition.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import { ChildrenByShape } from "./children.ts";
import { NodeCompiler } from "./compile-node.ts";
import { treeOf } from "./element-tree.ts";
import type { OtherProfile } from "./other-profiles.ts";
import type { NodePlan, ProfileName } from "./plan.ts";

/** The profiles of one set of packages, each read and planned when it is first asked for, and kept. */
export class ProfileLibrary {
  readonly definitions: Definitions;
  readonly conformance: Conformance;
  readonly #profiles = new Map<StructureDefinition, OtherProfile | undefined>();
  readonly #byName = new Map<string, OtherProfile>();
  readonly #named = new WeakMap<ProfileName, OtherProfile>();
  readonly #children = new WeakMap<readonly NodePlan[], ChildrenByShape>();

  constructor(conformance: Conformance, definitions: Definitions) {
    this.conformance = conformance;
    this.definitions = definitions;
  }

  /** Undefined when it is not held, or has no snapshot. */
  find(canonical: string, from?: Origin): OtherProfile | undefined {
    const key = from === undefined ? canonical : `${from.name}#${from.version} ${canonical}`;
    const known = this.#byName.get(key);
    if (known) return known;
    const held = this.conformance.structureDefinition(canonical, from);
    const found = held && this.#profileOf(held);
    // What strangers name is not remembered: only what leads somewhere is.
    if (found) this.#byName.set(key, found);
    return found;
  }

  /** The same of a name that a definition has: remembered with it. */
  named(name: ProfileName): OtherProfile | undefined {
    const known = this.#named.get(name);
    if (known) return known;
    const { canonical, from } = name;
    const found = this.find(canonical, from.name === "" ? undefined : from);
    if (found) this.#named.set(name, found);
    return found;
  }

  /** What some plans are in objects of each shape. */
  childrenOf(plans: readonly NodePlan[]): ChildrenByShape {
    let found = this.#children.get(plans);
    if (!found) this.#children.set(plans, (found = new ChildrenByShape(plans)));
    return found;
  }

  #profileOf(held: Held<StructureDefinition>): OtherProfile | undefined {
    const { resource, origin } = held;
    if (this.#profiles.has(resource)) return this.#profiles.get(resource);
    const { definitions } = this;
    const tree = treeOf(resource, definitions);
    const faults: string[] = [];
    let root: NodePlan | undefined;
    const library = (name: ProfileName): OtherProfile | undefined => this.named(name);
    const plan = tree && {
      definition: resource,
      origin,
      faults,
      get root(): NodePlan {
        return (root ??= new NodeCompiler({ held, definitions, faults }, tree, library).root());
      },
    };
    const profile = tree && plan && { held, tree, plan };
    this.#profiles.set(resource, profile);
    return profile;
  }
}

import type { Conformance, Held, Origin } from "../../../core/fhir/conformance/conformance.ts";
import type { StructureDefinition } from "../../../core/fhir/conformance/structure-definition.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import { ChildrenByShape } from "./children.ts";
import { NodeCompiler } from "./compile-node.ts";
import { elementNamed, treeOf, type TreeNode } from "./element-tree.ts";
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
    const [whole = "", element] = canonical.split("#");
    const profile = this.find(whole, from.name === "" ? undefined : from);
    const found = profile && element !== undefined ? this.#elementOf(profile, element) : profile;
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
    const { resource } = held;
    if (this.#profiles.has(resource)) return this.#profiles.get(resource);
    const profile = this.#planned(held, treeOf(resource, this.definitions));
    this.#profiles.set(resource, profile);
    return profile;
  }

  /** One element of a profile, which another names for one of its own (extension elementdefinition-profile-element). */
  #elementOf({ held, tree }: OtherProfile, id: string): OtherProfile | undefined {
    const found = this.#planned(held, elementNamed(id, tree));
    return found && { ...found, isElement: true };
  }

  #planned(held: Held<StructureDefinition>, tree: TreeNode | undefined): OtherProfile | undefined {
    const { resource, origin } = held;
    const { definitions } = this;
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
    return tree && plan && { held, tree, plan, expressions: new Map() };
  }
}

import type { AskedBy, DocumentProfiles, Origin, ProfileVerdict } from "../../../core/fhir/conformance/conformance.ts";
import type { DocumentBundle } from "../../../core/fhir/document-bundle.ts";
import type { FhirPathNode } from "../../../core/fhir/fhirpath/node.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import type { MembershipAnswer, Terms } from "../../../core/fhir/terminology/terms.ts";
import type { RecordedSet } from "../../../core/formats/deposit-profiles.ts";
import { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Findings } from "../findings.ts";
import { placeAt } from "./place-at.ts";
import type { Place } from "../place.ts";
import { shown } from "../shown.ts";
import { isA } from "./criteria.ts";
import { forInformation } from "./for-information.ts";
import { tellOfExtension } from "./held-extension.ts";
import type { AskedExtension, AskedResources, FindExtension } from "./asked-resources.ts";
import type { ProfileLibrary } from "./library.ts";
import type { OtherProfile } from "./other-profiles.ts";
import type { ChildrenByShape } from "./children.ts";
import type { Answer, NodePlan, ProfileName } from "./plan.ts";
import { PlanWalk } from "./plan-walk.ts";
import { settle } from "./settle.ts";
import { Sink, type Difference } from "./sink.ts";
import { newPair, type CodeAsked, type Pair, type Standing, type Target, type Whole } from "./standing.ts";
import { byPackages, type WhyUnknown } from "./unknown-codes.ts";
import { Surroundings } from "./surroundings.ts";
import { namingOf } from "./vital-sign-rules.ts";

/** What one document is held against. */
export interface RunParts {
  readonly definitions: Definitions;
  readonly library: ProfileLibrary;
  readonly terms: Terms;
  readonly ignoredSystems: ReadonlySet<string>;
  readonly documents: readonly DocumentProfiles[];
  /** The set of packages that is in force, as it is recorded; undefined: R4 alone. */
  readonly set: RecordedSet | undefined;
}

/** How deep trials may go within trials. Beyond it nobody can tell. */
const DEEPEST = 24;
/** How many resources, each because of the next, one line tells of. */
const MOST_EXPLAINED = 2;

interface Asked {
  readonly pair: Pair | undefined;
  readonly verdict: Omit<ProfileVerdict, "result">;
  readonly isOfOtherType: boolean;
}

/** The second walk through one document: holds its resources against profiles, each pair of them once. */
export class ProfileRun implements Whole {
  readonly definitions: Definitions;
  readonly findings: Findings;
  readonly toldExtensions = new Set<unknown>();
  readonly #parts: RunParts;
  readonly #surroundings: Surroundings;
  readonly #pairs = new Map<JsonObject, Map<OtherProfile, Pair>>();
  readonly #asked: Asked[] = [];
  /** What each resource was held against, by name and by profile: looked up, for a document may ask ten thousand times. */
  readonly #askedOf = new Map<JsonObject, Set<string | OtherProfile>>();
  readonly #told: { readonly pair: Pair; readonly sink: Sink<Pair> }[] = [];
  readonly #news = new Set<string>();
  #depth = 0;
  #explained = 0;

  constructor(root: JsonObject, document: DocumentBundle | undefined, findings: Findings, parts: RunParts) {
    this.definitions = parts.definitions;
    this.findings = findings;
    this.#parts = parts;
    this.#surroundings = new Surroundings(root, document, parts.definitions);
  }

  get set(): RecordedSet | undefined {
    return this.#parts.set;
  }

  get root(): Standing {
    return this.#surroundings.root;
  }

  /** Holds all that is to be held: what the resources declare and R4 demands of them, and what the set gives for the document's type. */
  through({ list, extensions }: Pick<AskedResources, "list" | "extensions">): ProfileVerdict[] {
    for (const asked of list) {
      const standing = this.#surroundings.standingWithin(asked);
      for (const { canonical, by } of asked.asked) this.hold(standing, canonical, by);
    }
    this.#holdDocument();
    for (const asked of extensions) if (!this.toldExtensions.has(asked.extension)) this.#holdExtension(asked);
    return this.finish();
  }

  #holdExtension(asked: AskedExtension): void {
    const standing = this.#surroundings.standingWithin(asked.home);
    const sink = tellOfExtension(asked, standing, this, this.findings);
    this.#told.push({ pair: { ...newPair(standing, asked.definition), needs: sink.needs }, sink });
  }

  /** Finds the definitions of extensions; undefined without packages. */
  get findExtension(): FindExtension | undefined {
    if (this.#parts.set === undefined) return undefined;
    return (url) => {
      const found = this.#parts.library.find(url);
      return found?.held.resource.type === "Extension" && found.held.resource.derivation === "constraint" ? found : undefined;
    };
  }

  /** Why codes can't be of their systems; undefined without packages. */
  get whyUnknown(): WhyUnknown | undefined {
    return this.#parts.set && byPackages(this.#parts);
  }

  /** The profiles of documents of this type (`DocumentProfiles`): of the Bundle, or of its Composition. */
  #holdDocument(): void {
    const { documents } = this.#parts;
    const composition = documents.length === 0 ? undefined : this.#surroundings.composition();
    if (composition === undefined) return;
    const codings = (composition.resource.value as JsonObject).object("type")?.objects("coding") ?? [];
    for (const { system, code, profiles } of documents) {
      if (!codings.some((coding) => coding.string("code") === code && (system === undefined || coding.string("system") === system))) continue;
      for (const canonical of profiles) {
        const type = this.#parts.library.find(canonical)?.held.resource.type;
        this.hold(type === "Composition" ? composition : this.root, canonical, "document-type");
      }
    }
  }

  /** Holds a resource against a profile, and what that imposes, and tells of what is otherwise. */
  hold(standing: Standing, canonical: string, by: AskedBy, from?: Origin): void {
    const profile = this.#parts.library.find(canonical, from);
    const resource = standing.resource.value as JsonObject;
    const known = this.#askedOf.get(resource) ?? new Set<string | OtherProfile>();
    this.#askedOf.set(resource, known);
    if (known.has(canonical) || (profile && known.has(profile))) return;
    known.add(canonical);
    if (profile) known.add(profile);
    const place = placeAt(standing.place).expression();
    if (!profile) {
      this.#asked.push({ pair: undefined, verdict: { place, profile: canonical, by }, isOfOtherType: false });
      return;
    }
    const { version, title, name, type, imposes } = profile.held.resource;
    const verdict = { place, profile: canonical, ...(version !== undefined && { version }), title: title ?? name, by };
    const isOfOtherType = !isA(standing.resource, type, this.definitions);
    if (isOfOtherType) {
      const text = `The profile ${shown(canonical)} is of ${type}, and this is a ${shown(standing.resource.type, 64)}.`;
      this.findings.add({ rule: "profile-of-other-type", text, expression: place, offset: offsetOf(standing) });
    }
    const pair = this.pair(standing, profile);
    this.#asked.push({ pair, verdict, isOfOtherType });
    if (isOfOtherType) return;
    this.#tell(pair);
    for (const imposed of imposes ?? []) this.hold(standing, imposed, "imposed", profile.held.origin);
  }

  /** Tells what could only be told when everything was asked, and what came of it all. */
  finish(): ProfileVerdict[] {
    for (const { pair, sink } of this.#told) {
      for (const { alternatives, said } of pair.needs) {
        if (said === undefined) continue;
        const answers = alternatives.map((one) => this.answer(one));
        if (answers.every((answer) => answer === "no")) sink.say(said);
      }
      this.#tellFaults(pair);
    }
    return this.#asked.map(({ pair, verdict, isOfOtherType }): ProfileVerdict => {
      if (pair === undefined) return { ...verdict, result: "unheld" };
      const answer = isOfOtherType ? "no" : this.answer(pair);
      return { ...verdict, result: answer === "no" ? "broken" : answer === "yes" ? "holds" : "open" };
    });
  }

  #tell(pair: Pair): void {
    if (pair.isTold) return;
    pair.isTold = true;
    // It was asked before, and there is nothing to tell.
    if (pair.state === "settled" && pair.answer === "yes" && !pair.hasRemarks) return;
    const { title, name, url } = pair.profile.held.resource;
    const sink = new Sink<Pair>("tell", this.findings, `${shown(title ?? name)} (${shown(url)}): `, namingOf(url));
    this.#walk(pair, sink);
    this.#told.push({ pair, sink });
  }

  /** A profile that can't be used wholly is told of once. */
  #tellFaults({ profile, standing }: Pair): void {
    const { faults, definition } = profile.plan;
    for (const fault of faults) {
      if (!this.isNews(`fault ${definition.url} ${fault}`)) continue;
      const text = `The profile ${shown(definition.url)} can't be asked wholly: ${shown(fault, 300)}.`;
      this.findings.add({ rule: "profile-unusable", text, expression: placeAt(standing.place).expression(), offset: offsetOf(standing) });
    }
  }

  #walk(pair: Pair, sink: Sink<Pair>): void {
    const { state } = pair;
    pair.state = "running";
    const { standing, profile } = pair;
    new PlanWalk(this, standing, sink).check(profile.plan.root, { node: standing.resource, index: undefined, offset: offsetOf(standing) });
    pair.state = state === "new" ? "asked" : state;
    if (sink.kind === "explain" && state !== "new") return;
    pair.isBroken = sink.isBroken;
    pair.isOpen = sink.isOpen;
    pair.hasRemarks = sink.hasRemarks || sink.isOpen;
    pair.needs = sink.needs;
  }

  find = (name: ProfileName): OtherProfile | undefined => this.#parts.library.named(name);

  childrenOf = (plans: readonly NodePlan[]): ChildrenByShape => this.#parts.library.childrenOf(plans);

  standingOf = (resource: FhirPathNode, met?: { readonly from: Standing; readonly place: Place }): Standing =>
    this.#surroundings.standingOf(resource, met);

  leadsTo = (reference: string, from: Standing): Target => this.#surroundings.leadsTo(reference, from);

  pair = (standing: Standing, profile: OtherProfile): Pair => {
    const resource = standing.resource.value as JsonObject;
    const known = this.#pairs.get(resource) ?? new Map<OtherProfile, Pair>();
    this.#pairs.set(resource, known);
    const pair = known.get(profile) ?? newPair(standing, profile);
    known.set(profile, pair);
    return pair;
  };

  answer = (pair: Pair): Answer => {
    if (pair.state === "settled") return pair.answer ?? "unknown";
    // What is being asked counts as held: circles end here.
    if (pair.state === "running") return "yes";
    if (this.#depth >= DEEPEST) return "unknown";
    this.#depth++;
    if (pair.state === "new") this.#walk(pair, new Sink<Pair>("ask"));
    if (pair.needs.length === 0) {
      this.#depth--;
      pair.state = "settled";
      return (pair.answer = pair.isBroken ? "no" : pair.isOpen ? "unknown" : "yes");
    }
    const reached = new Set([pair]);
    for (const one of reached) {
      if (one.state === "new") this.#walk(one, new Sink<Pair>("ask"));
      for (const { alternatives } of one.needs)
        for (const other of alternatives) if (other.state === "new" || other.state === "asked") reached.add(other);
    }
    this.#depth--;
    settle([...reached].filter(({ state }) => state === "asked"));
    return pair.answer ?? "unknown";
  };

  difference = (pair: Pair): Difference | undefined => {
    if (pair.first || this.#explained >= MOST_EXPLAINED || pair.state === "running") return pair.first;
    this.#explained++;
    const sink = new Sink<Pair>("explain");
    this.#walk(pair, sink);
    for (const { alternatives, said } of sink.isBroken ? [] : sink.needs)
      if (said && alternatives.every((one) => this.answer(one) === "no")) {
        sink.say(said);
        break;
      }
    this.#explained--;
    return (pair.first = sink.first);
  };

  tellWithin = (pair: Pair, by: Sink<Pair>): void => {
    this.#tell(pair);
    by.needs.push({ alternatives: [pair], said: undefined });
  };

  isIgnored = (system: string | undefined): boolean => system !== undefined && this.#parts.ignoredSystems.has(system);

  membership = (valueSet: string, coded: CodeAsked, from: Origin): MembershipAnswer => {
    const { system, code, version } = coded;
    return this.#parts.terms.membership(valueSet, { system, code, ...(version !== undefined && { version }) }, from.name === "" ? undefined : from);
  };

  isNews = (what: string): boolean => {
    const isNew = !this.#news.has(what);
    this.#news.add(what);
    return isNew;
  };

  /**
   * Holds what was sent against a profile that somebody asks for, and tells what else it says.
   * @param mayBePart a document stands for its Composition, where the profile is of one
   */
  ask(canonical: string, mayBePart: boolean): void {
    const profile = this.#parts.library.find(canonical);
    const composition = mayBePart && profile?.held.resource.type === "Composition" ? this.#surroundings.composition() : undefined;
    const standing = composition ?? this.root;
    this.hold(standing, canonical, "request");
    const said = { rule: "profile-for-information", expression: placeAt(standing.place).expression(), offset: offsetOf(standing) } as const;
    for (const text of profile ? forInformation(profile.held.resource) : []) this.findings.add({ ...said, text });
  }

  /** Whether a profile is held here. */
  isHeld(canonical: string): boolean {
    return this.#parts.library.find(canonical) !== undefined;
  }
}

function offsetOf({ resource }: Standing): number {
  return resource.value instanceof JsonObject ? resource.value.offset : 0;
}

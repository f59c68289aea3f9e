/** What identity feeds send (IHE ITI-104): a Patient by conditional update, added, revised, or replaced by another. */
import type { Asked } from "../../../core/asked.ts";
import { AppError } from "../../../core/errors.ts";
import { isError, type Issue } from "../../../core/fhir/issue.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import { SourceExcerpt } from "../../../core/fhir/reading/source-excerpt.ts";
import type { Source } from "../../../core/fhir/reading/source-text.ts";
import type { Content } from "../../../pipeline/document-forms.ts";
import type { FeedResult, IdentityFeed } from "../../../pipeline/identity-feed.ts";
import { readFeedMessage } from "../../../search/feed/feed-message.ts";
import type { PersonIdOf } from "../../../search/derived/person.ts";
import type { Parameter } from "../../../search/query/search-query.ts";
import type { PatientSystems } from "../../../search/same-person.ts";
import { requireRight, requireScope, type Access } from "../../../security/access.ts";
import type { DepositNeeds } from "../deposit-document.ts";
import { tokenOf } from "./token.ts";

/** What identity feeds are taken with. */
export interface FeedPatientNeeds extends DepositNeeds {
  readonly definitions: Definitions;
  /** Undefined: none is taken. */
  readonly identityFeed: Pick<IdentityFeed, "take"> | undefined;
  readonly personIdOf: PersonIdOf;
  readonly systems: PatientSystems;
  readonly access: Access;
}

/** A message as it was sent. */
export interface FeedSent extends Content {
  /** Of the address: `identifier`, and nothing else. */
  readonly condition: readonly Parameter[];
}

/** What became of a message. `created`: nothing was said of the person before; `repeated`: the same was said last, and nothing was entered. Of the others nothing was. */
export interface FeedOutcome {
  readonly kind: FeedResult["kind"] | "unreadable" | "invalid";
  /** Of the Patient. */
  readonly id?: string;
  readonly issues: readonly Issue[];
  readonly source?: Source;
}

/** The one update that there is here: of who a person is, never of a document. */
export interface UpdateInteraction {
  readonly type: "Patient";
  readonly documentation: string;
  /** AppErrors `bad-query` (the condition), `too-large`, `invalid` (the message joins nothing, or would go in a circle), `unavailable`. */
  handle(asked: Asked, sent: FeedSent): Promise<FeedOutcome>;
}

/** R4 http.html, "update": what is new is created; and docs/design/identity-feed.md. */
export const FEED_STATUS: Readonly<Record<FeedOutcome["kind"], number>> = {
  created: 201,
  revised: 200,
  repeated: 200,
  unreadable: 400,
  invalid: 422,
};

/** A message is a few kilobytes; a photograph stands elsewhere. */
const LARGEST = 500_000;

const SAID: Readonly<Record<FeedResult["kind"], string>> = {
  created: "The person is known by this identifier from now on.",
  revised: "What was said of the person before is taken the place of.",
  repeated: "The same was said of the person last: nothing was entered.",
};

/** Undefined where no feed is taken. */
export function feedPatient({ access, depositing, definitions, identityFeed, personIdOf, systems }: FeedPatientNeeds): UpdateInteraction | undefined {
  if (!identityFeed) return undefined;
  return {
    type: "Patient",
    documentation:
      "An identity feed says who a person is (IHE ITI-104), by `PUT Patient?identifier=system|value`: added, revised, or replaced by another (`link` of type `replaced-by`). No other update is made here. What a feed says is kept for ever, and is no document.",
    handle: async (asked, { bytes, mediaType, condition }) => {
      await requireRight(access, asked, "feed");
      await requireScope(access, asked, "Patient", ["u"]);
      const identifier = tokenOf("identifier", condition);
      if (bytes.length > LARGEST) throw new AppError("too-large", `A message of an identity feed has at most ${LARGEST} bytes.`);
      const { limits, work } = depositing;
      const sent = { bytes, mediaType };
      const validated = await work.do("validate", { sent, stored: undefined, type: "Patient", query: new Map(), limits }, { bytes: bytes.length });
      const source = new SourceExcerpt(validated.source);
      if (validated.kind === "unreadable") return { kind: "unreadable", issues: validated.issues, source };
      if (validated.content.some(isError)) return { kind: "invalid", issues: validated.content, source };
      const record = { identifier, mediaType, message: bytes };
      const { keys, replacedBy } = readFeedMessage(record, { definitions, systems });
      const person = await personIdOf(keys[0]);
      const survivor = replacedBy && ("key" in replacedBy ? await personIdOf(replacedBy.key) : replacedBy.person);
      const { kind } = await identityFeed.take({ ...record, person, replacedBy: survivor, asked });
      const told: Issue = { severity: "information", code: "informational", rule: "identity-feed", text: SAID[kind] };
      return { kind, id: person, issues: [...validated.content, told], source };
    },
  };
}

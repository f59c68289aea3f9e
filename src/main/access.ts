/** Who decides about access. A part of the composition root. */
import type { Config } from "../config.ts";
import type { ConsentRecords } from "../interactions/fhir/consents/consent-records.ts";
import { isGone, type Deciding } from "../reader/deciding.ts";
import { ownPatient, type OwnPatientNeeds } from "../reader/own-patient.ts";
import type { ScopeCriterion } from "../reader/scopes.ts";
import { every } from "../search/query/criterion.ts";
import { parseQuery } from "../search/query/parse-query.ts";
import type { QueryContext } from "../search/query/query-context.ts";
import type { Asked } from "../core/asked.ts";
import { AppError } from "../core/errors.ts";
import type { DepositPermit } from "../pipeline/deposit.ts";
import type { Summarised } from "../search/describe-document.ts";
import type { AccessPolicy } from "../security/policy/access-policy.ts";
import { createAccess, OPEN_ACCESS, requireRight, requireScope, type Access } from "../security/access.ts";
import { openAccessPolicy } from "./setting-files.ts";

/** @param isOpen whether whoever reaches the service may do everything. AppError `invalid` for a policy that can't be read. */
export async function openAccess(
  isOpen: boolean,
  config: Pick<Config, "accessPolicyFile">,
  using: OwnPatientNeeds & { readonly consentRecords: Pick<ConsentRecords, "book"> },
): Promise<{ readonly decided: Access; readonly policy: AccessPolicy }> {
  // It is read also where it is not needed, so that a slip in it is told at once.
  const policy = await openAccessPolicy(config);
  const needs = { policy, ownPatient: (id: string) => ownPatient(id, using), consents: () => using.consentRecords.book() };
  return { decided: isOpen ? OPEN_ACCESS : createAccess(needs), policy };
}

/** What search parameters of a scope mean: as in a strict search. AppErrors as of parse-query.ts. */
export function scopeCriteria(context: Omit<QueryContext, "now">): ScopeCriterion {
  return (type, query) => {
    const parsed = parseQuery(type, [...new URLSearchParams(query)], "strict", { ...context, now: new Date() });
    return every(parsed.types.map(({ criterion }) => criterion));
  };
}

/** Who may deposit what: by what the document itself says of custodian, type and patient; and of what it would supersede the same right is asked. */
export function depositPermit(
  access: Access,
  { knownOf, supersededBy, mayKnow }: Pick<Deciding, "knownOf" | "supersededBy" | "mayKnow">,
): DepositPermit {
  const require = async (asked: Asked, { summary, facts }: Pick<Summarised, "summary" | "facts">): Promise<void> => {
    const decision = (await access.grantOf(asked)).mayDeposit({ ...facts, id: summary.id });
    if (!decision.isPermitted) throw notPermitted();
  };
  return {
    enter: async (asked) => {
      await requireRight(access, asked, "deposit");
      await requireScope(access, asked, "Bundle", ["c"]);
    },
    document: async (asked, description) => {
      // What the pipeline does not look into was made by describe-document.ts.
      const own = description as Summarised;
      await require(asked, own);
      const grant = await access.grantOf(asked);
      for (const { summary, facts } of await supersededBy(own)) {
        if (grant.mayDeposit({ ...facts, id: summary.id }).isPermitted) continue;
        const isKnown = (await mayKnow(grant, "relate", [summary.id], isGone)).get(summary.id) === true;
        throw notPermitted(isKnown ? `to replace document ${summary.id}` : undefined);
      }
    },
    mayKnow: async (asked, id) => (await mayKnow(await access.grantOf(asked), "relate", [id], isGone)).get(id) === true,
    repeated: async (asked, id) => require(asked, await knownOf(id)),
  };
}

/** The one refusal of a deposit, whatever it is for that the sender may not know. */
function notPermitted(what = "to deposit a document of this custodian, type or patient, or one that replaces what this one does"): AppError {
  return new AppError("forbidden", `Nothing permits you ${what}. Nothing was stored.`);
}

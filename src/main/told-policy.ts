/** A changed access policy, told to the audit trail. A part of the composition root. */
import { readFile } from "node:fs/promises";
import type { Config } from "../config.ts";
import { utf8 } from "../core/crypto/bytes.ts";
import { digestOf } from "../core/crypto/digest.ts";
import type { TrailReading } from "../pipeline/trail/read-trail.ts";
import { kindWord } from "../pipeline/trail/trail-words.ts";
import type { Recording } from "../pipeline/trail/trail.ts";
import { STANDARD_POLICY } from "../security/policy/access-policy.ts";

/** What is told of a policy, and read back at the next start. */
const TOLD = /^the access policy is (\S+)/;
const NOTHING = "not told";
const OPEN = "open";

/**
 * Tells that access is decided by another policy than the trail last said: with the digests of both files, or what stood in the place of one. At a first start without access control there is nothing to tell.
 * AppErrors of reading and of writing the trail.
 */
export async function tellPolicy(
  config: Pick<Config, "access" | "accessPolicyFile">,
  { reading, trail }: { readonly reading: Pick<TrailReading, "find">; readonly trail: Recording },
): Promise<void> {
  const now = await policyName(config);
  const { events } = await reading.find({ words: [kindWord("policy")], matches: ({ text = "" }) => TOLD.test(text) }, 1);
  const before = TOLD.exec(events[0]?.text ?? "")?.[1]?.replace(/;$/, "") ?? NOTHING;
  if (before === now || (before === NOTHING && now === OPEN)) return;
  await trail.record([
    {
      ...{ at: new Date().toISOString(), kind: "policy", action: "U", outcome: 0, who: { kind: "program", name: "service" } },
      text: `the access policy is ${now}; before it was ${before}`,
    },
  ]);
}

/** By which a policy is known again: whether there is access control at all, whose policy it is, and its digest. */
async function policyName({ access, accessPolicyFile }: Pick<Config, "access" | "accessPolicyFile">): Promise<string> {
  if (access === "open") return OPEN;
  if (accessPolicyFile === undefined) return `standard:${digestOf(utf8(JSON.stringify(STANDARD_POLICY)))}`;
  return `file:${digestOf(await readFile(accessPolicyFile))}`;
}

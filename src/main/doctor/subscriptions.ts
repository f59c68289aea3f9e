/** Receivers of notifications that take nothing, and subscriptions whose owners are not let in any more. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../../config.ts";
import { OWNER_GONE } from "../../events/subscription.ts";
import type { Engine } from "../engine.ts";
import { notice, wrong, type Tell } from "./examination.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Receivers that are named. */
const MOST = 20;
const HELPS = "see to its receiver; then `chartulary subscriptions resume ID` has it tried at once, from where it stopped";
const ORPHAN = "delete it, and have somebody who is let in make another; if its owner is let in again, `chartulary subscriptions resume ID`";

export async function lookAtSubscriptions(
  engine: Pick<Engine, "openEvents">,
  { mongodbUrl, dataFolder }: Pick<Config, "mongodbUrl" | "dataFolder">,
  tell: Tell,
): Promise<void> {
  // Where nobody ever subscribed there is nothing, and nothing is made.
  if (mongodbUrl === undefined && !(await stat(join(dataFolder, "events.db")).catch(() => undefined))) return;
  const rows = await engine.openEvents();
  try {
    const failing = (await rows.deliveries()).filter(({ failingSince }) => failingSince !== undefined && Date.now() - failingSince > HOUR);
    for (const { subscription, failingSince = 0, lastFailure = "" } of failing.slice(0, MOST)) {
      const since = new Date(failingSince).toISOString();
      if (lastFailure === OWNER_GONE) {
        tell(notice(`Subscription/${subscription} is told nothing since ${since}: ${lastFailure}`, ORPHAN));
        continue;
      }
      const text = `the receiver of Subscription/${subscription} takes nothing since ${since}: ${lastFailure}`;
      tell(Date.now() - failingSince > DAY ? wrong(text, HELPS) : notice(text, HELPS));
    }
    if (failing.length > MOST) tell(wrong(`so do ${failing.length - MOST} others`, "`chartulary subscriptions list` names them"));
  } finally {
    await rows.close();
  }
}

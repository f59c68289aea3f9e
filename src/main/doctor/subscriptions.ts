/** Receivers of notifications that take nothing. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../../config.ts";
import type { Engine } from "../engine.ts";
import { notice, wrong, type Tell } from "./examination.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Receivers that are named. */
const MOST = 20;
const HELPS = "see to its receiver; then `chartulary subscriptions resume ID` has it tried at once, from where it stopped";

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
      const text = `the receiver of Subscription/${subscription} takes nothing since ${new Date(failingSince).toISOString()}: ${lastFailure}`;
      tell(Date.now() - failingSince > DAY ? wrong(text, HELPS) : notice(text, HELPS));
    }
    if (failing.length > MOST) tell(wrong(`so do ${failing.length - MOST} others`, "`chartulary subscriptions list` names them"));
  } finally {
    await rows.close();
  }
}

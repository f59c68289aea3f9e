/** That every instance has found a key in its folder, before anything depends on it. A part of the composition root. */
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../core/errors.ts";
import type { Instance } from "../pipeline/epochs/instances.ts";
import type { Engine } from "./engine.ts";

/** How long services may take to find a new key in their folder, in milliseconds, and how often it is looked. */
const PATIENCE = 15_000;
const LOOK = 500;

/** A key that was made. */
export interface MadeKey {
  /** By which an instance tells that it has it. */
  readonly keyId: string;
  /** In words, and the name of its file. */
  readonly called: string;
  readonly file: string;
}

/** AppError `conflict` that names every instance that has not found a key. */
export async function waitForInstances(
  { keyId, called, file }: MadeKey,
  { instances }: Pick<Engine, "instances">,
  { onStage }: { onStage(text: string): void },
): Promise<void> {
  const without = async (): Promise<Instance[]> => ((await instances?.live()) ?? []).filter(({ keyIds }) => !keyIds.includes(keyId));
  let left = await without();
  if (left.length > 0) onStage(`waiting until ${left.length} instances have found ${file} in their KEYS_DIR`);
  for (const until = performance.now() + PATIENCE; left.length > 0 && performance.now() < until; left = await without()) await sleep(LOOK);
  if (left.length > 0)
    throw new AppError(
      "conflict",
      `these instances do not have ${called} (${keyId}): ${left.map(({ name }) => name).join(", ")}. Copy ${file} into KEYS_DIR on each of their machines (where it is wrapped, the service there needs VAULT_URL as here), and run this once more`,
    );
}

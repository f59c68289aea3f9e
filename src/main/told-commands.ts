/** What the command line does, told to the audit trail. A part of the composition root. */
import { existsSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import type { Tools } from "../cli/command.ts";
import type { Config } from "../config.ts";
import type { Keys } from "../core/crypto/keys.ts";
import { AppError } from "../core/errors.ts";
import type { Actor } from "../core/formats/audit-trail.ts";

export interface ToldCommandNeeds {
  config(): Config;
  openKeys(config: Config): Promise<Keys>;
  /** Told, in a sentence, that the trail cannot be written as it should. */
  onFault(text: string): void;
}

/**
 * Writes down what a command did, or is about to do: durable when it resolves. The trail is opened for each by itself, beside a service that may run. Where no repository is, there is nothing to tell of.
 * AppErrors of opening the trail.
 */
export function toldCommands({ config: load, openKeys, onFault }: ToldCommandNeeds): Tools["tellTrail"] {
  return async ({ line, documents, ...deed }) => {
    const config = load();
    if (!(await hasRepository(config))) return;
    const keys = await openKeys(config).catch((error: unknown) => {
      if (error instanceof AppError && error.code === "not-found") return undefined;
      throw error;
    });
    if (!keys) return;
    const { openTrailToWrite } = await import("./trail.ts");
    const told = (error: unknown): void => {
      if (error !== undefined) onFault(error instanceof AppError ? error.message : "the audit trail cannot be written: what is told waits in DATA_DIR/audit-spool"); // prettier-ignore
    };
    const { trail, close } = await openTrailToWrite(config, { keys, inThread: false, onFault: told });
    try {
      const { uid } = userInfo();
      await trail.record([
        {
          ...{ at: new Date().toISOString(), ...deed, who: operator(), text: `${line}${uid < 0 ? "" : `; uid ${uid}`}` },
          ...(documents.length > 0 && { documents: documents.map((id) => ({ id })) }),
        },
      ]);
    } finally {
      await close();
    }
  };
}

/** Whether there is one that is whole: a restore that was refused leaves no folder behind, and what is being filled gets the trail that belongs to it. */
async function hasRepository(config: Config): Promise<boolean> {
  if (config.mongodbUrl === undefined) return existsSync(join(config.dataFolder, "chartulary.db"));
  const { openEngine } = await import("./engine.ts");
  try {
    const { store } = await openEngine(config);
    try {
      return (await store.checkpoint()) !== undefined;
    } finally {
      await store.close();
    }
  } catch (error) {
    if (error instanceof AppError && error.code === "conflict") return false;
    throw error;
  }
}

/** The operating system's user who calls. */
function operator(): Actor {
  return { kind: "operator", name: userInfo().username, host: hostname() };
}

import { createHash } from "node:crypto";
import type { KeptSession, KeptSessions, KeptUntil } from "../../../src/security/sessions/kept-sessions.ts";

interface Row extends KeptSession, KeptUntil {}

/** Sessions of one process, which end with it. Names are hashes. `now`: a clock in milliseconds since 1970. */
export function memorySessions(now: () => number = Date.now): KeptSessions {
  const rows = new Map<string, Row>();
  const nameOf = (id: string): string => createHash("sha256").update(id).digest("base64url");
  const at = (name: string): Row | undefined => {
    const row = rows.get(name);
    return row && row.expiresAt > now() ? row : undefined;
  };
  const sweep = (): void => {
    for (const [name, { expiresAt }] of rows) if (expiresAt <= now()) rows.delete(name);
  };
  return {
    get: (id) => Promise.resolve(at(nameOf(id))),
    add: (id, value, until) => {
      sweep();
      const isThere = at(nameOf(id)) !== undefined;
      if (!isThere) rows.set(nameOf(id), { value, ...until, revision: 1 });
      return Promise.resolve(!isThere);
    },
    change: (id, revision, value, until) => {
      const isThere = at(nameOf(id))?.revision === revision;
      if (isThere) rows.set(nameOf(id), { value, ...until, revision: revision + 1 });
      return Promise.resolve(isThere);
    },
    remove: (id) => {
      rows.delete(nameOf(id));
      return Promise.resolve();
    },
    removeBy: (key) => {
      const gone = [...rows].filter(([, { keys = [] }]) => keys.includes(key));
      for (const [name] of gone) rows.delete(name);
      return Promise.resolve(gone.length);
    },
  };
}

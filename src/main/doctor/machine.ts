/** The machine that it runs on: folders and who may read them, disks, ports, memory. */
import { constants } from "node:fs";
import { access, readdir, stat, statfs } from "node:fs/promises";
import { get as askPlainly } from "node:http";
import { get as askSecurely } from "node:https";
import { createServer } from "node:net";
import { totalmem } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import type { Config } from "../../config.ts";
import { codeOf } from "../surroundings.ts";
import { LEAST_FREE, nearest } from "./free-space.ts";
import { notice, wordsOf, wrong, type Check, type Tell } from "./examination.ts";

/** Free bytes below which it soon takes no documents. */
const LITTLE_ROOM = 1_000_000_000;
/** Drafts that an interrupted command left. */
const LEFTOVERS = [".arriving", ".restoring"];

export const MACHINE_CHECKS: readonly Check[] = [
  { what: "data folder", remedy: "set DATA_DIR to a folder that the service's user may write", look: lookAtFolder },
  {
    what: "keys' folder",
    remedy: "set KEYS_DIR to a folder that the service's user alone may read",
    look: ({ keysFolder }, tell) => lookWhoMayRead(keysFolder, tell),
  },
  { what: "disk", remedy: "look at the disk by the means of the system", look: lookAtDisks },
  {
    what: "memory",
    remedy: "see MAX_IN_FLIGHT_BYTES in the README",
    look: ({ maxInFlightBytes }, tell) => {
      if (2 * maxInFlightBytes > totalmem() / 2)
        tell(notice(`requests and answers may take ${2 * maxInFlightBytes} bytes of memory, and the machine has ${totalmem()}`, "set MAX_IN_FLIGHT_BYTES or MAX_DOCUMENT_BYTES lower")); // prettier-ignore
      return Promise.resolve();
    },
  },
  { what: "ports", remedy: "set PORT and ADMIN_PORT to free ones", look: lookAtPorts },
];

async function lookAtFolder({ dataFolder }: Config, tell: Tell): Promise<void> {
  const found = await stat(dataFolder).catch(() => undefined);
  if (found === undefined) {
    const parent = dirname(dataFolder);
    await access(parent, constants.W_OK).catch((cause: unknown) =>
      tell(
        wrong(
          `${dataFolder} is not there, and ${parent} can't be written (${codeOf(cause)})`,
          "make the folder for the service's user, or set DATA_DIR",
        ),
      ),
    );
    return;
  }
  if (!found.isDirectory()) return tell(wrong(`${dataFolder} is no folder`, "set DATA_DIR to a folder"));
  await access(dataFolder, constants.R_OK | constants.W_OK | constants.X_OK).catch((cause: unknown) =>
    tell(wrong(`${dataFolder} can't be read and written (${codeOf(cause)})`, "give it to the service's user, and run this command as that user")),
  );
  if (process.getuid?.() === 0 && found.uid !== 0) tell(notice(`${dataFolder} belongs to user ${found.uid}, and this runs as root: files that root makes the service can't write`, "run commands as the service's user")); // prettier-ignore
  for (const name of LEFTOVERS)
    if (await stat(join(dataFolder, name)).catch(() => undefined))
      tell(notice(`${join(dataFolder, name)} is there: a copy or a restore was interrupted`, "run it once more, or remove the folder"));
}

/** Keys are for their owner alone: whoever else may read them can read every document. */
async function lookWhoMayRead(folder: string, tell: Tell): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory() || process.platform === "win32") return;
  const names = await readdir(folder);
  const paths = [folder, ...names.map((name) => join(folder, name))];
  const files = await Promise.all(
    paths.map(async (name) => {
      const { mode, uid } = await stat(name);
      return { name, mode, uid };
    }),
  );
  for (const { name, mode, uid } of files) {
    if ((mode & 0o077) !== 0) {
      const bits = (mode & 0o777).toString(8);
      tell(wrong(`${name} may be read or written by others (mode ${bits})`, `chmod ${name === folder ? "700" : "600"} ${name}; if others had access, begin a new master key (\`chartulary keys\`)`)); // prettier-ignore
    }
    if (process.getuid !== undefined && process.getuid() !== 0 && uid !== process.getuid())
      tell(wrong(`${name} belongs to user ${uid}, and this runs as ${process.getuid()}`, `give it to the service's user: chown`));
  }
}

async function lookAtDisks({ dataFolder, keysFolder, watermarkFile, erasuresFile, cacheFolder }: Config, tell: Tell): Promise<void> {
  const places = { DATA_DIR: dataFolder, KEYS_DIR: keysFolder, WATERMARK_FILE: dirname(watermarkFile), ERASURES_FILE: dirname(erasuresFile), CACHE_DIR: cacheFolder }; // prettier-ignore
  const told = new Set<string>();
  for (const [setting, place] of Object.entries(places)) {
    const disk = await statfs(await nearest(place));
    const [free, all] = [disk.bavail * disk.bsize, disk.blocks * disk.bsize];
    const key = `${disk.type} ${disk.blocks} ${disk.bfree}`;
    if (told.has(key)) continue;
    told.add(key);
    if (free < LEAST_FREE)
      tell(wrong(`the disk of ${place} (${setting}) is full: ${free} of ${all} bytes are free, and documents are taken from ${LEAST_FREE} on`, "make room: it goes on by itself")); // prettier-ignore
    else if (free < LITTLE_ROOM) tell(notice(`the disk of ${place} (${setting}) has ${free} bytes left`, "make room, or give it a larger disk"));
    if (disk.files > 0 && disk.ffree < 1_000) tell(wrong(`the disk of ${place} (${setting}) takes only ${disk.ffree} more files`, "remove small files")); // prettier-ignore
  }
}

interface Listener {
  readonly host: string;
  readonly port: number;
  readonly isSecure?: boolean;
}

async function lookAtPorts({ host, port, admin, proof }: Config, tell: Tell): Promise<void> {
  await lookAtPort("PORT", { host, port, isSecure: proof.tls !== undefined }, tell);
  if (admin) await lookAtPort("ADMIN_PORT", admin, tell);
}

interface Listener {
  readonly host: string;
  readonly port: number;
  readonly isSecure?: boolean;
}

async function lookAtPort(setting: string, { host, port, isSecure = false }: Listener, tell: Tell): Promise<void> {
  if (port === 0) return;
  const cause = await listenOnce(host, port);
  if (cause === undefined) return;
  if (codeOf(cause) !== "EADDRINUSE")
    return tell(wrong(`${host}:${port} can't be listened on (${codeOf(cause)})`, `set HOST to an address of this machine, and ${setting} to a port above 1023`)); // prettier-ignore
  const answer = await ready(host, port, isSecure);
  if (answer === undefined) return tell(wrong(`${setting} ${port} is taken by another program`, `end it, or set ${setting} to another`));
  if (answer !== "ready") tell(wrong(`the service that runs on ${host}:${port} takes no documents: ${answer}`, "see what else is told here"));
}

function listenOnce(host: string, port: number): Promise<unknown> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", resolve);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** Why a service of ours is not ready; `ready` when it is; undefined when it is none. */
async function ready(host: string, port: number, isSecure: boolean): Promise<string | undefined> {
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  try {
    const told = JSON.parse(await bodyAt(`${isSecure ? "https" : "http"}://${name}:${port}/readyz`)) as unknown;
    const { status, reason } = (typeof told === "object" && told !== null ? told : {}) as { readonly status?: unknown; readonly reason?: unknown };
    if (status === "ready") return "ready";
    return status === "not-ready" ? String(reason) : undefined;
  } catch (error) {
    return wordsOf(error).includes("timeout") ? "it does not answer" : undefined;
  }
}

/** On this machine a certificate proves nothing that the port does not. */
function bodyAt(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const ask = url.startsWith("https:") ? askSecurely : askPlainly;
    const request = ask(url, { timeout: 5_000, rejectUnauthorized: false }, (answer) => void text(answer).then(resolve, reject));
    request.on("timeout", () => request.destroy(new Error("timeout"))).on("error", reject);
  });
}

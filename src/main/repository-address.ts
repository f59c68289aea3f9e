/** Where a repository is kept, as an operator writes it on the command line. A part of the composition root. */
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { withoutSecrets } from "../core/without-secrets.ts";
import type { Config } from "../config.ts";
import { AppError } from "../core/errors.ts";

export type RepositoryAddress = { readonly kind: "folder"; readonly folder: string } | { readonly kind: "mongodb"; readonly url: string };

const DATABASE = "chartulary.db";

/**
 * `mongodb://…` or `mongodb+srv://…`; a data folder, or the database file in it: as a path, `sqlite:PATH` or `file:` URL; `MONGODB_URL` or `DATA_DIR`: what that setting says. AppError `invalid`.
 */
export function addressOf(text: string, { mongodbUrl, dataFolder }: Pick<Config, "mongodbUrl" | "dataFolder">): RepositoryAddress {
  if (text === "MONGODB_URL") {
    if (mongodbUrl === undefined) throw new AppError("invalid", "MONGODB_URL is not set");
    return { kind: "mongodb", url: mongodbUrl };
  }
  if (text === "DATA_DIR") return { kind: "folder", folder: dataFolder };
  if (/^mongodb(\+srv)?:\/\//.test(text)) return { kind: "mongodb", url: text };
  const path = pathOf(text);
  // Only the database's own name can be served.
  if (basename(path) === DATABASE) return { kind: "folder", folder: dirname(path) };
  if (/\.(?:db|sqlite3?)$/.test(path)) throw new AppError("invalid", `${path} is no data folder: the database in it is always called ${DATABASE}`);
  return { kind: "folder", folder: path };
}

function pathOf(text: string): string {
  if (text.startsWith("file:")) {
    try {
      return fileURLToPath(text);
    } catch (cause) {
      throw new AppError("invalid", `${text} is no file URL`, { cause });
    }
  }
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(text)?.[1];
  if (scheme !== undefined && scheme !== "sqlite")
    throw new AppError("invalid", `a repository is a data folder, sqlite:FOLDER or mongodb://…, not ${scheme}:`);
  const path = text.replace(/^sqlite:/, "");
  if (path === "") throw new AppError("invalid", "an empty path is no data folder");
  return resolve(path);
}

/** For people, and for what is written down: without user, password and options. */
export function nameOf(place: RepositoryAddress): string {
  if (place.kind === "folder") return `sqlite:${join(place.folder, DATABASE)}`;
  return withoutSecrets(place.url);
}

/** The settings with another place. Keys, mark and list of erasures that lie in the data folder by default lie in that of the place. */
export function configAt(config: Config, place: RepositoryAddress): Config {
  if (place.kind === "mongodb") return { ...config, mongodbUrl: place.url };
  const { mongodbUrl: _, ...others } = config;
  const { dataFolder, keysFolder, watermarkFile, erasuresFile } = config;
  const keys = keysFolder === join(dataFolder, "keys") ? join(place.folder, "keys") : keysFolder;
  const beside = (file: string): string => (dirname(file) === keysFolder ? join(keys, basename(file)) : file);
  return {
    ...others,
    mongodbUrl: undefined,
    dataFolder: place.folder,
    keysFolder: keys,
    watermarkFile: beside(watermarkFile),
    erasuresFile: beside(erasuresFile),
  };
}

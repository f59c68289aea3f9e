/** What an administrator does to the database, and the service may not. A part of the composition root. */
import type { MongoMade, Swept } from "../cli/command.ts";
import type { Config } from "../config.ts";
import { AppError } from "../core/errors.ts";

export async function initialiseMongo({ mongodbUrl, mongodbAdminUrl }: Config): Promise<MongoMade> {
  const { initialise } = await import("../adapters/mongo/init.ts");
  return initialise(administrator(mongodbAdminUrl), mongodbUrl);
}

export async function sweepStore({ mongodbUrl, mongodbAdminUrl }: Config, onProgress: (looked: number) => void): Promise<Swept> {
  if (mongodbUrl === undefined && mongodbAdminUrl === undefined)
    throw new AppError("unsupported", "the repository is kept in SQLite, which leaves nothing to sweep (MONGODB_URL, MONGODB_ADMIN_URL)");
  const { sweep } = await import("../adapters/mongo/sweep.ts");
  return sweep(administrator(mongodbAdminUrl), mongodbUrl, onProgress);
}

function administrator(url: string | undefined): string {
  if (url === undefined) throw new AppError("invalid", "MONGODB_ADMIN_URL is not set: it takes an administrator of the database");
  return url;
}

import { AppError } from "../core/errors.ts";
import { EXIT, type Arguments, type Tools } from "./command.ts";
import type { OpenAccounts } from "./open-accounts.ts";

/** What an action upon accounts is given. `name`: whose. */
export interface AccountsWork {
  readonly given: Arguments;
  readonly name: string | undefined;
  readonly accounts: OpenAccounts;
  readonly io: Tools["io"];
}

export type AccountsActions = Readonly<Record<string, (work: AccountsWork) => Promise<number>>>;

/**
 * Does what the first argument says, beside a service that may run; gives the exit code.
 * @param kind `users` or `clients`
 * @param unused what nobody does while ACCESS is not embedded
 */
export async function onAccounts(
  { kind, unused, actions }: { readonly kind: string; readonly unused: string; readonly actions: AccountsActions },
  given: Arguments,
  { io, openAccounts }: Pick<Tools, "io" | "openAccounts">,
): Promise<number> {
  const [action = "", name] = given.files;
  const work = Object.hasOwn(actions, action) ? actions[action] : undefined;
  if (!work) throw new AppError("unsupported", `there is nothing called ${action} to do with ${kind} (${Object.keys(actions).join(", ")})`);
  const accounts = await openAccounts();
  try {
    if (!accounts.isEmbedded) io.tell(`chartulary ${kind}: ACCESS is not embedded, so that ${unused}; what is set is kept all the same`);
    return await work({ given, name, accounts, io });
  } catch (error) {
    if (!(error instanceof AppError) || (error.code !== "conflict" && error.code !== "not-found")) throw error;
    io.tell(`chartulary ${kind}: ${error.message}`);
    return EXIT.no;
  } finally {
    await accounts.close();
  }
}

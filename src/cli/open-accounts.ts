import type { Clients } from "../accounts/clients.ts";
import type { Invitations } from "../accounts/invitations.ts";
import type { Users } from "../accounts/users.ts";
import type { Asked } from "../core/asked.ts";

/** Who may sign in, and which programs get tokens. */
export interface OpenAccounts {
  readonly users: Users;
  readonly clients: Clients;
  readonly invitations: Invitations;
  /** The address that is given to whoever was invited. */
  linkOf(token: string): string;
  /** At which clients ask for tokens. */
  readonly tokenAddress: string;
  /** Who is at the command line. */
  readonly asked: Asked;
  /** Roles that mean something here, and which policy says so, in words. AppError `invalid` when it can't be read. */
  knownRoles(): Promise<{ readonly roles: readonly string[]; readonly policy: string }>;
  /** Whether people sign in here at all. */
  readonly isEmbedded: boolean;
  /** Ends all that somebody is signed in with. */
  signOut(subject: string): Promise<void>;
  /** Ends every token that a client has. */
  endClient(client: string): Promise<void>;
  close(): Promise<void>;
}

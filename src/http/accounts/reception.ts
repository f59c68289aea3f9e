import type { AuthorizationServer } from "../../accounts/authorization-server.ts";
import type { SignInDesk } from "../../accounts/sign-in-desk.ts";

/** Where people sign in and apps get tokens: below `/oauth`. */
export interface Reception {
  readonly server: AuthorizationServer;
  readonly desk: SignInDesk;
}

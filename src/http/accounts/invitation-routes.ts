import { Router, type Request, type Response } from "express";
import type { Choice } from "../../accounts/sign-in-desk.ts";
import type { AccountFault } from "../../pipeline/render/pages/account-pages.ts";
import { addressOf, askedBy } from "../request-facts.ts";
import { fieldsOf, readForm, writeAccountPage } from "./account-form.ts";
import type { ReceptionOptions } from "./reception-options.ts";

const ROUTE = "/oauth/invitation/:token";

type Typed = Pick<Choice, "name" | "fullName" | "isClinician">;

/** Where somebody who was given an account chooses a password or a passkey. */
export function invitationRoutes(options: ReceptionOptions): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.get(ROUTE, (request, response) =>
    show(request, response, options, { typed: { name: "", fullName: "", isClinician: false }, fault: undefined }),
  );
  router.post(ROUTE, ...readForm, (request: Request, response: Response) => take(request, response, options));
  return router;
}

async function show(
  request: Request,
  response: Response,
  { served, reception: { desk } }: ReceptionOptions,
  { typed, fault }: { readonly typed: Typed; readonly fault: AccountFault | undefined },
): Promise<void> {
  const token = tokenOf(request);
  const found = await desk.invitation(token);
  if (!found) return writeAccountPage(request, response, { kind: "invitation-over" }, { served, status: 410 });
  writeAccountPage(
    request,
    response,
    { kind: "invitation", action: actionOf(token), name: found.user?.name, typed, fault, havePasskeys: desk.havePasskeys },
    { served, status: fault === undefined ? 200 : 422 },
  );
}

async function take(request: Request, response: Response, options: ReceptionOptions): Promise<void> {
  const { served, reception } = options;
  const { desk } = reception;
  const field = fieldsOf(request);
  const token = tokenOf(request);
  const typed: Typed = { name: field("name") ?? "", fullName: field("full-name") ?? "", isClinician: field("clinician") === "yes" };
  const again = (fault: AccountFault): Promise<void> => show(request, response, options, { typed, fault });
  const passkey = field("passkey") ?? "";
  if (field("way") === "passkey" && passkey === "") {
    const asked = await desk.askForKey(token, typed.name, typed.fullName);
    if (asked === undefined) return show(request, response, options, { typed, fault: undefined });
    if (typeof asked === "string") return again(asked);
    return writeAccountPage(request, response, { kind: "passkey", action: actionOf(token), options: JSON.stringify(asked), typed }, { served });
  }
  const password = field("password") ?? "";
  if (passkey === "" && password !== (field("again") ?? "")) return again("differ");
  const choice: Choice = { ...typed, ...(passkey === "" ? { password } : { passkey }) };
  const outcome = await desk.accept(token, choice, { address: addressOf(response), device: undefined, asked: askedBy(response, "page") });
  if (outcome.kind === "fault") return again(outcome.fault);
  if (outcome.kind === "over") return writeAccountPage(request, response, { kind: "invitation-over" }, { served, status: 410 });
  // Whoever had the account before is signed out: it may have been taken back from them.
  const { subject } = outcome.user;
  await reception.server.signOutEverywhere(subject);
  await served.door.people?.sessions.endAll({ issuer: reception.server.issuer, subject });
  writeAccountPage(request, response, { kind: "invitation-done", name: outcome.user.name }, { served });
}

function tokenOf(request: Request): string {
  return String(request.params["token"]);
}

function actionOf(token: string): string {
  return `/oauth/invitation/${encodeURIComponent(token)}`;
}

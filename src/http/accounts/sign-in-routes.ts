import { Router, type Request, type Response } from "express";
import type { Interaction, InteractionResult } from "../../accounts/authorization-server.ts";
import { callerOf } from "../../accounts/caller.ts";
import type { Circumstances, SignInOutcome } from "../../accounts/sign-in-desk.ts";
import type { User } from "../../accounts/users.ts";
import { AppError } from "../../core/errors.ts";
import { choosePatients, chosenPatient } from "../../interactions/pages/choose-patients.ts";
import { cookieName, setCookie } from "../access/cookies.ts";
import { cookieOf } from "../access/credentials.ts";
import { addressOf, askedBy, nameCaller } from "../request-facts.ts";
import { SEARCH_WEIGHT } from "../fhir/fhir-search.ts";
import { fieldsOf, readForm, writeAccountPage } from "./account-form.ts";
import type { ReceptionOptions } from "./reception-options.ts";

const ROUTE = "/oauth/sign-in/:uid";
/** How long a browser remembers whose device it is, in seconds. */
const DEVICE_AGE = 31_536_000;

interface Visit {
  readonly request: Request;
  readonly response: Response;
  readonly interaction: Interaction;
  readonly options: ReceptionOptions;
}

/** What somebody is asked before an app gets its answer: who they are, which patient it is about, whether the app may. */
export function signInRoutes(options: ReceptionOptions): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.get(ROUTE, (request, response) => visit(request, response, options, show));
  router.post(ROUTE, ...readForm, (request: Request, response: Response) => visit(request, response, options, take));
  return router;
}

async function visit(request: Request, response: Response, options: ReceptionOptions, go: (visit: Visit) => Promise<void>): Promise<void> {
  const { reception, served } = options;
  const interaction = await reception.server.interaction(String(request.params["uid"]), request.get("Cookie") ?? "");
  if (!interaction) return writeAccountPage(request, response, { kind: "interaction-over" }, { served, status: 410 });
  await go({ request, response, interaction, options });
}

async function show(visit: Visit): Promise<void> {
  const { interaction } = visit;
  if (interaction.prompt === "login") return showSignIn(visit, { name: interaction.loginHint ?? "", outcome: undefined });
  const user = await userOf(visit);
  if (!user) return finish(visit, { kind: "refused" });
  if (interaction.prompt === "consent") return showConsent(visit, user);
  // Whoever may see their own record alone has nothing to choose.
  if (user.patient !== undefined) return finish(visit, { kind: "patient", patient: user.patient });
  return showPatients(visit, user);
}

async function take(visit: Visit): Promise<void> {
  const { request, interaction } = visit;
  const field = fieldsOf(request);
  if (field("answer") === "refuse") return finish(visit, { kind: "refused" });
  if (interaction.prompt === "login") return signIn(visit, field);
  const user = await userOf(visit);
  if (!user) return finish(visit, { kind: "refused" });
  if (interaction.prompt === "consent")
    return field("answer") === "allow" ? finish(visit, { kind: "consent", scopes: interaction.scopes }) : showConsent(visit, user);
  const patient = field("patient");
  if (patient === undefined) return showPatients(visit, user);
  await refuseUnseen(visit, user, patient);
  return finish(visit, { kind: "patient", patient });
}

async function signIn(visit: Visit, field: (name: string) => string | undefined): Promise<void> {
  const { request, response, interaction, options } = visit;
  const { served, reception } = options;
  const { desk } = reception;
  const name = cookieName("chartulary-device", served.baseUrl);
  const from: Circumstances = { address: addressOf(response), device: cookieOf(request, name), asked: askedBy(response, "page") };
  const passkey = field("passkey") ?? "";
  const typed = field("name") ?? "";
  const outcome =
    passkey === "" ? await desk.byPassword(typed, field("password") ?? "", from) : await desk.byPasskey(purposeOf(interaction), passkey, from);
  if (outcome.kind !== "in") return showSignIn(visit, { name: typed, outcome, isPasskey: passkey !== "" });
  response.append("Set-Cookie", setCookie(name, outcome.device, { seconds: DEVICE_AGE, baseUrl: served.baseUrl }));
  return finish(visit, { kind: "login", subject: outcome.user.subject, by: outcome.by });
}

async function showSignIn(
  { request, response, interaction, options }: Visit,
  { name, outcome, isPasskey = false }: { readonly name: string; readonly outcome: SignInOutcome | undefined; readonly isPasskey?: boolean },
): Promise<void> {
  const { reception, served } = options;
  const { desk } = reception;
  const passkey = desk.havePasskeys ? JSON.stringify(await desk.askForPasskey(purposeOf(interaction))) : undefined;
  if (outcome?.kind === "wait") response.setHeader("Retry-After", String(outcome.seconds));
  const fault =
    outcome === undefined || outcome.kind === "in"
      ? undefined
      : outcome.kind === "wait"
        ? outcome
        : ({ kind: isPasskey ? "passkey-failed" : "wrong" } as const);
  const { isOwn, label } = interaction.client;
  writeAccountPage(
    request,
    response,
    { kind: "sign-in", action: actionOf(interaction), app: isOwn ? undefined : label, name, fault, passkey },
    { served, redirect: interaction.redirect, status: fault === undefined ? 200 : fault.kind === "wait" ? 429 : 403 },
  );
}

async function showConsent({ request, response, interaction, options: { served, reception } }: Visit, user: User): Promise<void> {
  nameCaller(response, callerOf(user, reception.server.issuer));
  const { patient: id, scopes, client } = interaction;
  const patient = id === undefined ? undefined : await chosenPatient(askedBy(response, "page"), id, served.registry.fhir.resources);
  writeAccountPage(
    request,
    response,
    { kind: "consent", action: actionOf(interaction), app: client.label, person: user.fullName, patient, scopes },
    { served, redirect: interaction.redirect },
  );
}

async function showPatients(visit: Visit, user: User): Promise<void> {
  const { request, response, interaction, options } = visit;
  const { served, reception } = options;
  const query = new URL(request.url, "http://localhost").searchParams.get("q")?.trim() ?? "";
  nameCaller(response, callerOf(user, reception.server.issuer));
  const asked = askedBy(response, "page");
  const patients = await served.turns.take(SEARCH_WEIGHT, () => choosePatients(asked, query, served.registry.fhir.resources));
  writeAccountPage(
    request,
    response,
    { kind: "patient", action: actionOf(interaction), app: interaction.client.label, query, patients },
    { served, redirect: interaction.redirect },
  );
}

/** A patient whom the person does not see does not exist. AppError `not-found` */
async function refuseUnseen({ response, options: { served, reception } }: Visit, user: User, patient: string): Promise<void> {
  nameCaller(response, callerOf(user, reception.server.issuer));
  await served.registry.fhir.resources.standing(askedBy(response, "page"), "Patient", patient);
}

async function finish({ request, response, interaction, options: { reception } }: Visit, result: InteractionResult): Promise<void> {
  const next = await reception.server.finish(interaction.uid, request.get("Cookie") ?? "", result);
  response.setHeader("Cache-Control", "no-store");
  response.redirect(303, next);
}

async function userOf({ interaction, options: { reception } }: Visit): Promise<User | undefined> {
  if (interaction.subject === undefined) throw new AppError("gone", "This sign-in is over: go back to where you came from, and begin anew.");
  const user = await reception.desk.user(interaction.subject);
  return user?.isDisabled === false ? user : undefined;
}

function actionOf({ uid }: Interaction): string {
  return `/oauth/sign-in/${uid}`;
}

function purposeOf({ uid }: Interaction): string {
  return `sign-in ${uid}`;
}

/** What every request passes before it comes to a route, in whichever service: named, logged, bounded, guarded, and asked who sends it. */
import express, { type ErrorRequestHandler, type Express } from "express";
import type { Logger } from "pino";
import { admitCallers, type GateNeeds } from "./access/gate.ts";
import { basePathOf, plainAddresses } from "./addresses.ts";
import { deliverAnswers } from "./answers/delivery.ts";
import { answerErrors } from "./answers/errors.ts";
import { secureAnswers } from "./answers/headers.ts";
import type { BodyOptions } from "./bodies/body.ts";
import { ByteBudget } from "./bodies/byte-budget.ts";
import type { Intake } from "./bodies/intake.ts";
import { Allowances, limitStrangers } from "./bounds/allowances.ts";
import { guardHost, guardOrigin } from "./bounds/guards.ts";
import { HTTP_LIMITS, type HttpLimits } from "./bounds/limits.ts";
import { openPublicAddresses, openToOrigins } from "./bounds/public-access.ts";
import { limitTimes } from "./bounds/time-limits.ts";
import type { EventStreamLimits } from "./log/event-routes.ts";
import type { DescribedRoute } from "./openapi/described.ts";
import { answerOptions, refuseUnknownMethods } from "./openapi/methods.ts";
import type { Lifecycle } from "./operators/lifecycle.ts";
import { watchRequests, type RequestWatch } from "./operators/request-watch.ts";
import { errorPageFor } from "./pages/viewer-routes.ts";
import { identifyRequests, logRequests, noteAddresses } from "./request-facts.ts";
import type { Served } from "./served.ts";
import { auditAnswers } from "./trail/audit-answers.ts";

/** What the HTTP interface of any service is made with. */
export interface AppFacts {
  readonly version: string;
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
  readonly startedAt: Date;
  readonly maxDocumentBytes: number;
  /** Of answers that wait to be taken. */
  readonly maxAnswerBytes: number;
  readonly intake: Intake;
  /** Requests a second of one client or address; 0: as many as come. */
  readonly rateLimit: number;
  readonly limits?: HttpLimits;
  /** Of the log as it is followed. */
  readonly eventStreams?: EventStreamLimits;
  /** Who looks on while requests are answered. */
  readonly watch?: RequestWatch | undefined;
}

/** What of a service is asked on the way to its routes. */
export type FrontServed = GateNeeds & Pick<Served, "definitions" | "pages" | "turns" | "audit">;

export interface Front {
  /** Routes are mounted behind it, and `answerError` behind them. */
  readonly app: Express;
  readonly bodies: BodyOptions;
  readonly answerError: ErrorRequestHandler;
}

export function openFront(served: FrontServed, described: readonly DescribedRoute[], facts: AppFacts): Front {
  const { log, lifecycle, limits = HTTP_LIMITS } = facts;
  const { baseUrl, door, definitions } = served;
  const app = express();
  app.disable("x-powered-by").disable("etag").enable("case sensitive routing").enable("strict routing");
  if (facts.watch) app.use(watchRequests(facts.watch));
  app.use(plainAddresses(basePathOf(baseUrl)), identifyRequests(), noteAddresses(door.proxies), logRequests(log), secureAnswers(baseUrl));
  const answerError = answerErrors({ log, definitions, errorPage: errorPageFor(served) });
  if (served.audit) app.use(auditAnswers({ ...served.audit, answerError }));
  app.use(deliverAnswers({ answers: new ByteBudget(facts.maxAnswerBytes), limits }), limitTimes(limits), lifecycle.admit());
  const allowances = new Allowances({ ...limits, perSecond: facts.rateLimit });
  app.use(limitStrangers(allowances, served));
  app.use(guardHost(baseUrl), openPublicAddresses(), openToOrigins(door.corsOrigins), refuseUnknownMethods(described));
  app.use(guardOrigin(baseUrl, door.corsOrigins), admitCallers(served, allowances), answerOptions(described));
  return { app, bodies: { maxBytes: facts.maxDocumentBytes, intake: facts.intake, turns: served.turns }, answerError };
}

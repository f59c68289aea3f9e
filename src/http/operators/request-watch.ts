import type { RequestHandler } from "express";
import { routeOf } from "../request-facts.ts";

/** Who looks on while requests are answered. */
export interface RequestWatch {
  /** @param headers those by which a sender's trace goes on */
  request(
    method: string,
    headers: { readonly traceparent: string | undefined; readonly tracestate: string | undefined },
  ): {
    /** Does what follows from the request. */
    within(work: () => void): void;
    /** It was answered to the end, or its sender has gone. */
    ended(told: { readonly route: string; readonly status: number }): void;
  };
}

/** Lets somebody look on. He is told no address as it was typed: a patient's name may stand in it. */
export function watchRequests(watch: RequestWatch): RequestHandler {
  return (request, response, next) => {
    const watched = watch.request(request.method, { traceparent: request.get("traceparent"), tracestate: request.get("tracestate") });
    response.once("close", () => watched.ended({ route: routeOf(request), status: response.statusCode }));
    watched.within(next);
  };
}

import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type Provider from "oidc-provider";
import type { ServerAnswer, ServerPage, ServerRequest } from "../../accounts/authorization-server.ts";

/** Headers that the library may see. What a client says of its own address, host or protocol is not among them. */
const SEEN = new Set([
  "accept",
  "accept-language",
  "authorization",
  "content-type",
  "cookie",
  "origin",
  "access-control-request-method",
  "access-control-request-headers",
]);

/** Where a middleware leaves the page that is to be shown. */
export const PAGE = Symbol("page");

/** A request as the library takes them, with nothing in it that was not meant for it. */
export function messageFor({ method, target, headers, body }: ServerRequest, issuer: string): IncomingMessage {
  const { protocol, host, pathname } = new URL(issuer);
  const message = new IncomingMessage(new Socket());
  message.method = method;
  message.url = target;
  message.headers = {
    ...Object.fromEntries(Object.entries(headers).filter(([name]) => SEEN.has(name))),
    host,
    "x-forwarded-host": host,
    "x-forwarded-proto": protocol.slice(0, -1),
    ...(body.byteLength > 0 && { "content-length": String(body.byteLength) }),
  };
  // Express's word for the path that a part of it is mounted at.
  Object.assign(message, { baseUrl: pathname.replace(/\/$/, "") });
  if (body.byteLength > 0) message.push(Buffer.from(body));
  message.push(null);
  return message;
}

/** Has the library answer a request, and gives what it would have written. */
export function callProvider(provider: Provider, request: ServerRequest): Promise<ServerAnswer> {
  const message = messageFor(request, provider.issuer);
  const response = new ServerResponse(message);
  return new Promise((resolve, reject) => {
    const end = (chunk?: unknown): ServerResponse => {
      const page = Reflect.get(response, PAGE) as ServerPage | undefined;
      const headers = response.getHeaderNames().flatMap((name) => {
        const value = response.getHeader(name);
        return value === undefined ? [] : [[name, typeof value === "number" ? String(value) : value] as const];
      });
      const body = typeof chunk === "string" ? Buffer.from(chunk, "utf8") : chunk instanceof Uint8Array ? chunk : new Uint8Array();
      resolve({ status: response.statusCode, headers, body, page });
      return response;
    };
    Object.assign(response, { end });
    provider.callback()(message, response).catch(reject);
  });
}

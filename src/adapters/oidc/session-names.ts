/** Under which names our sessions keep what the library has. */

/** All that was issued by one consent. */
export function grantKey(grantId: string): string {
  return `grant:${grantId}`;
}

/** All that one person is signed in with, or was issued. */
export function accountKey(subject: string): string {
  return `account:${subject}`;
}

/** All that was issued to one client. */
export function clientKey(client: string): string {
  return `issued-to:${client}`;
}

/** The id under which one of its models is kept. */
export function modelIdOf(model: string, id: string): string {
  return `oidc:${model}:${id}`;
}

/** The id under which a grant is kept. */
export function grantIdOf(grantId: string): string {
  return modelIdOf("Grant", grantId);
}

/** The id under which a refresh token is kept. */
export function refreshTokenIdOf(token: string): string {
  return modelIdOf("RefreshToken", token);
}

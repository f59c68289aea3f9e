/** Where websockets are opened, below our own address. */
export const SOCKET_PATH = "/fhir/$subscriptions";

/**
 * Codes a surface can act on. −32700…−32600 are JSON-RPC's own; ours are −32000 and below.
 * Add-only. The message is for people: what, which, what to do.
 */
export const RPC_ERRORS = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  /** The surface speaks a protocol version this host does not serve. `data: {host, oldest}` */
  wrongVersion: -32010,
  /** The named session, approval or agent does not exist. */
  notFound: -32011,
  /** Understood, and not done: the message says why. */
  refused: -32012,
  /** The agent is not signed in. `data: {command}` is the agent's own way to sign in. */
  notSignedIn: -32013,
  /** An approval that was already decided. `data: {outcome}` */
  superseded: -32014,
  /** The part of the product that does this is not there yet. */
  notBuilt: -32015,
  tooLarge: -32016,
  /** The surface's role does not allow it. */
  notAllowed: -32017,
} as const;

export type RpcErrorName = keyof typeof RPC_ERRORS;

/** Thrown by handlers on the host, and by the client when an answer is an error. */
export class RpcFailure extends Error {
  override name = 'RpcFailure';
  readonly code: number;
  readonly data: unknown;

  constructor(code: number | RpcErrorName, message: string, data?: unknown) {
    super(message);
    this.code = typeof code === 'number' ? code : RPC_ERRORS[code];
    this.data = data;
  }

  is(name: RpcErrorName): boolean {
    return this.code === RPC_ERRORS[name];
  }
}

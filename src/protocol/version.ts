/**
 * Version of the protocol between a host and its surfaces. Add-only: a new method, field or event
 * type does not raise it; a surface ignores what it does not know. It rises only when an old
 * surface would misunderstand, and then both sides say so plainly instead of guessing.
 */
export const PROTOCOL_VERSION = 1;

/** Oldest surface version this host still serves. */
export const OLDEST_SUPPORTED_VERSION = 1;

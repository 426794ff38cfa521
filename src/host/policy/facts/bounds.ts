/** What of a call is looked at, so that none takes long; of a call beyond it nobody can say what it does. */
export const MAX_COMMANDS = 8;
export const MAX_PATHS = 128;
export const MAX_HOSTS = 64;
export const MAX_FIELDS = 2_000;
export const MAX_DEPTH = 12;
/** Of all texts that may name something; what is written into files does not count. */
export const MAX_TEXT_CHARS = 256 * 1024;

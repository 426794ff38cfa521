/** Limits at the doors. Bytes are UTF-8 bytes on the wire. */
const MiB = 1024 * 1024;

/** ACP's own message limit is 32 MiB; an agent's adapter exits when it is exceeded. */
export const MAX_AGENT_LINE_BYTES = 32 * MiB;
/** A prompt as it goes into an ACP message, images included. Well below the agent's limit. */
export const MAX_PROMPT_BYTES = 8 * MiB;
/** One message from a surface. Larger than a prompt so that its refusal is ours to word. */
export const MAX_SURFACE_MESSAGE_BYTES = 12 * MiB;
export const MAX_QUEUED_PROMPTS = 50;
export const MAX_TITLE_CHARS = 200;
/** A stored event larger than this keeps its head and tail, and says how much was left out. */
export const MAX_EVENT_BYTES = 4 * MiB;

/** A surface acknowledges after this many events or this long, whichever comes first. */
export const ACK_EVERY_EVENTS = 64;
export const ACK_EVERY_MS = 250;
/** The host stops reading the log for a surface with this much unacknowledged. */
export const MAX_UNACKED_EVENTS = 256;
export const MAX_UNACKED_BYTES = 1 * MiB;
/** Further behind than this, a surface gets a snapshot and a tail. */
export const TAIL_EVENTS = 2_000;
export const TAIL_BYTES = 1 * MiB;

export const REQUEST_TIMEOUT_MS = 30_000;
/** `session.start` answers when the agent accepted the session and its mode was read back. */
export const START_TIMEOUT_MS = 60_000;

/** A worktree with more changed files than this shows these many, and says how many there are. */
export const MAX_CHANGED_FILES = 2_000;
export const MAX_PATCH_BYTES = 1 * MiB;
/** A large repository is checked out, and its submodules filled, in this time. */
export const WORKTREE_TIMEOUT_MS = 300_000;
/** Until an agent is even started: its worktree is made, and the setup command run in it. */
export const PREPARE_TIMEOUT_MS = 2 * WORKTREE_TIMEOUT_MS;
export const LAND_TIMEOUT_MS = 300_000;
/** A kept copy is committed first, and a large folder takes its time to go. */
export const DISCARD_TIMEOUT_MS = 300_000;
export const BACKUP_TIMEOUT_MS = 600_000;
/** A million entries take about two minutes. */
export const AUDIT_VERIFY_TIMEOUT_MS = 3_600_000;
/** An agent is started and asked for its own conversations in this time, as long as a session's start. */
export const CONVERSATIONS_TIMEOUT_MS = 60_000;
/** A long conversation is told whole before the session is there. */
export const ADOPT_TIMEOUT_MS = 300_000;

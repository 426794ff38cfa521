/** An agent cannot be started: `message` says what is wrong, `fix` what the person can do. */
export class AgentUnavailable extends Error {
  override name = 'AgentUnavailable';
  readonly fix: string;

  constructor(message: string, fix: string, cause?: unknown) {
    super(message, { cause });
    this.fix = fix;
  }
}

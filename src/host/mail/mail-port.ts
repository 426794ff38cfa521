import type { Emitter } from '../../base/emitter.ts';
import type { HostControl, RelayMessage } from '../../protocol/relay.ts';

/** What a device left at a relay while this host was away. */
export type MailWord = Extract<RelayMessage, { type: 'mail' }>;
/** What the relay is told when it need not hand it over again. */
export type MailControl = Extract<HostControl, { type: 'mailTaken' }>;

/** The relays of this host, as mail uses them. */
export interface MailWays {
  /** Each as it came. `target` names the relay for {@link say}. */
  readonly mail: Pick<Emitter<{ readonly target: string; readonly mail: MailWord }>, 'on'>;
  /** Nothing happens where there is no connection: then it is handed over again. */
  say(target: string, control: MailControl): void;
}

import type { InstanceId } from '../../../protocol/ids.ts';
import type { AgentOption } from '../../../protocol/transcript/content.ts';
import type { LogWriter } from '../../event-log/event-log.ts';
import type { AcpBook } from './acp-book.ts';
import { agentOptions } from './acp-events.ts';
import type { Attached, WantedSetting } from './acp-memo.ts';
import { setOptionResultSchema } from './acp-schema.ts';
import type { Answer } from './acp-turns.ts';

export interface SettingsNeeds {
  readonly book: AcpBook;
  /** All that could be set again is. */
  done(tx: LogWriter, instance: InstanceId, attached: Attached): void;
}

/**
 * Agents do not all keep a session's settings (its model, its effort) over session/load. Those that
 * came back otherwise are set again, each once, one after the other: a model brings its own efforts.
 */
export class AcpSettings {
  readonly #needs: SettingsNeeds;

  constructor(needs: SettingsNeeds) {
    this.#needs = needs;
  }

  /** Sets the next of `attached.settings`, or is done. */
  goOn(tx: LogWriter, instance: InstanceId, attached: Attached): void {
    const [wanted, ...settings] = attached.settings;
    const next = { ...attached, settings };
    if (wanted === undefined) return this.#needs.done(tx, instance, attached);
    const { sessionId, agentSession } = attached;
    const present = tx.state(sessionId)?.options.find(({ id }) => id === wanted.id);
    if (present?.current === wanted.value) return this.goOn(tx, instance, next);
    if (present === undefined || !isOffered(present, wanted.value)) {
      const name = present?.name ?? wanted.id;
      this.#notice(
        tx,
        attached,
        `The agent no longer offers ${name} = ${nameOf(present, wanted.value)}${present ? `; it goes on with ${nameOf(present, present.current)}` : ''}.`,
      );
      return this.goOn(tx, instance, next);
    }
    this.#needs.book.setAttached(tx, instance, next);
    const kind = typeof wanted.value === 'boolean' ? { type: 'boolean' } : {};
    this.#needs.book.request(
      tx,
      instance,
      sessionId,
      'session/set_config_option',
      { sessionId: agentSession, configId: wanted.id, value: wanted.value, ...kind },
      { kind: 'setting', ...wanted },
    );
  }

  answered(
    tx: LogWriter,
    instance: InstanceId,
    attached: Attached,
    { id, value }: WantedSetting,
    answer: Answer,
  ): void {
    const { sessionId } = attached;
    const parsed = setOptionResultSchema.safeParse(answer.result);
    const told = parsed.success ? parsed.data.configOptions : undefined;
    if (told !== undefined)
      tx.append(sessionId, { type: 'options.changed', options: agentOptions(told) });
    const present = tx.state(sessionId)?.options.find((each) => each.id === id);
    const what = `${present?.name ?? id} = ${nameOf(present, value)}`;
    this.#notice(
      tx,
      attached,
      answer.error === undefined
        ? `The agent came back without ${what}; it was set again.`
        : `The agent came back without ${what} and refused it: ${answer.error.message.slice(0, 200)}`,
      answer.error === undefined ? 'info' : 'warning',
    );
    this.goOn(tx, instance, attached);
  }

  #notice(
    tx: LogWriter,
    { sessionId }: Attached,
    text: string,
    level: 'info' | 'warning' = 'warning',
  ): void {
    tx.append(sessionId, { type: 'notice', level, text, by: 'host' });
  }
}

/** Those of `before` that are otherwise `now`. An agent that tells none now has told nothing. */
export function lostSettings(
  before: readonly AgentOption[],
  now: readonly AgentOption[],
): WantedSetting[] {
  if (now.length === 0) return [];
  return before
    .filter(({ id, current }) => now.find((each) => each.id === id)?.current !== current)
    .map(({ id, current }) => ({ id, value: current }));
}

function isOffered({ values, current }: AgentOption, value: string | boolean): boolean {
  return typeof value === 'boolean'
    ? typeof current === 'boolean'
    : values.some((each) => each.value === value);
}

function nameOf(option: AgentOption | undefined, value: string | boolean): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return option?.values.find((each) => each.value === value)?.name ?? value;
}

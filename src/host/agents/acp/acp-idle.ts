import type { InstanceId } from '../../../protocol/ids.ts';
import type { LogWriter } from '../../event-log/event-log.ts';
import type { AgentProcesses, RunningAgent } from '../driver.ts';
import type { AgentProfile } from '../profile.ts';
import type { AcpBook } from './acp-book.ts';
import type { AcpOwn } from './acp-own.ts';

export interface IdleNeeds {
  readonly book: AcpBook;
  readonly own: AcpOwn;
  profile(instance: InstanceId): AgentProfile | null;
  end(tx: LogWriter, instance: InstanceId): void;
}

/** The adapter processes as those see them who share out the machine. */
export class AcpIdle implements AgentProcesses {
  readonly #needs: IdleNeeds;

  constructor(needs: IdleNeeds) {
    this.#needs = needs;
  }

  running(tx?: LogWriter): RunningAgent[] {
    const { book, profile } = this.#needs;
    return book.instances(tx).flatMap((instance) => {
      const memo = book.memo(instance, tx);
      if (memo === null) return [];
      const sessions = memo.attached.map(({ sessionId }) => sessionId);
      const mayRest =
        sessions.length > 0 &&
        !memo.ending &&
        memo.agent?.load === true &&
        profile(instance)?.canLoad === true &&
        memo.attached.every(
          ({ phase, agentSession }) => phase === 'ready' && agentSession !== null,
        ) &&
        book.incoming(instance).length === 0 &&
        book
          .outgoing(instance)
          .every(({ outgoing }) => outgoing.kind === 'close' || outgoing.kind === 'ping');
      return [{ instance, sessions, mayRest }];
    });
  }

  canShare(shareKey: string): boolean {
    return this.#needs.book.sharing(null, shareKey) !== null;
  }

  async worksInBackground(instance: InstanceId): Promise<boolean> {
    return await this.#needs.own.isJoined(instance);
  }

  hibernate(tx: LogWriter, instance: InstanceId): boolean {
    if (!this.running(tx).some((each) => each.instance === instance && each.mayRest)) return false;
    this.#needs.book.change(tx, instance, (memo) => ({ ...memo, hibernating: true }));
    this.#needs.end(tx, instance);
    return true;
  }
}

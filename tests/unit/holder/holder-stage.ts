import { FakeMachine } from '../../fakes/fake-machine.ts';
import { HolderWorld } from '../../fakes/holder-world.ts';
import { VirtualTime } from '../../fakes/virtual-time.ts';

export const LID = { idle: true, lid: true };
export const IDLE = { idle: true, lid: false };
export const NOTHING = { idle: false, lid: false };

/** A machine with a lid, in time of its own, and one home on it. */
export function holderStage() {
  const time = new VirtualTime();
  const machine = new FakeMachine(time);
  machine.settings.set('lid', { value: '1', base: '1', isLostInSleep: false });
  const home = new HolderWorld(machine, 'a');
  return {
    time,
    machine,
    home,
    /** What is held of it, and what the setting is. */
    held: (): unknown => ({
      locks: [...machine.locks].map((lock) => lock.split(' ')[1]).sort(),
      lid: machine.settingOf('lid').value,
    }),
    holding: async (want = LID, of = home): Promise<void> => {
      of.hostComes();
      of.setWant(want);
      await time.advance(300);
    },
  };
}

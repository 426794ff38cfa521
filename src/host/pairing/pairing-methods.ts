import type { Handlers } from '../api/handlers.ts';
import type { Pairing } from './pairing.ts';

export type PairMethods = Pick<
  Handlers,
  'pair.offer' | 'pair.follow' | 'pair.confirm' | 'pair.refuse' | 'pair.cancel'
>;
type Surface = Parameters<PairMethods['pair.follow']>[1];

/** The rows of the table about pairing; all are for surfaces of this machine only. */
export function pairingMethods(pairing: Pairing): PairMethods {
  const follow = (surface: Surface): void =>
    surface.hold('pairing', () => {
      const undo = pairing.changed.on((state) => surface.notify('pair.state', { state }));
      return {
        close: () => {
          undo();
          pairing.ownerLeft(surface);
        },
      };
    });
  return {
    'pair.offer': async ({ role = 'approver', relay, lan }, surface) => {
      const offering = pairing.offer({ role, relay, lan }, surface);
      // Not before: the end of the offer that this one replaces is for those who knew that.
      follow(surface);
      return { state: await offering };
    },
    'pair.follow': (_, surface) => {
      follow(surface);
      return { state: pairing.state };
    },
    'pair.confirm': ({ digits, role, person }) => ({
      device: pairing.confirm(digits, role, person),
    }),
    'pair.refuse': () => {
      pairing.refuse();
      return {};
    },
    'pair.cancel': () => {
      pairing.cancel();
      return {};
    },
  };
}

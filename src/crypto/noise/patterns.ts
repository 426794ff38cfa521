export type Token = 'e' | 's' | 'ee' | 'es' | 'se' | 'ss' | 'psk';

/** A handshake pattern as Noise revision 34 §7 writes it: one line of tokens a message. */
export interface Pattern {
  /** As in the protocol's name, `KKpsk0`. */
  readonly name: string;
  /** Who knows whose static key before the first message. */
  readonly initiatorKnown: boolean;
  readonly responderKnown: boolean;
  readonly messages: readonly (readonly Token[])[];
}

export type PatternName = 'IKpsk1' | 'KKpsk0';
/** One message, and none back: §7.4. */
export type OneWayName = 'Kpsk0';

export const patterns: Readonly<Record<PatternName | OneWayName, Pattern>> = {
  /** Pairing: the guest knows the host's key and the secret from the code, the host knows nobody. */
  IKpsk1: {
    name: 'IKpsk1',
    initiatorKnown: false,
    responderKnown: true,
    messages: [
      ['e', 'es', 's', 'ss', 'psk'],
      ['e', 'ee', 'se'],
    ],
  },
  /** Every connection after it: both know each other. */
  KKpsk0: {
    name: 'KKpsk0',
    initiatorKnown: true,
    responderKnown: true,
    messages: [
      ['psk', 'e', 'es', 'ss'],
      ['e', 'ee', 'se'],
    ],
  },
  /** What is left for a host that is away: both know each other, and it cannot answer. */
  Kpsk0: {
    name: 'Kpsk0',
    initiatorKnown: true,
    responderKnown: true,
    messages: [['psk', 'e', 'es', 'ss']],
  },
};

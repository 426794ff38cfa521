import { useState } from 'react';

export interface Chosen<T> {
  readonly shown: T;
  /** `doing` asks the host for it; what fails takes the choice back. */
  choose(value: T, doing: () => Promise<void>): Promise<void>;
}

/** What a person has just chosen, until the host says what is so. */
export function useChosen<T>(told: T): Chosen<T> {
  const [lastTold, setLastTold] = useState(told);
  const [chosen, setChosen] = useState<{ readonly value: T } | null>(null);
  if (lastTold !== told) {
    setLastTold(told);
    setChosen(null);
  }
  return {
    shown: chosen === null ? told : chosen.value,
    choose: async (value, doing) => {
      setChosen({ value });
      try {
        await doing();
      } catch (error) {
        setChosen(null);
        throw error;
      }
    },
  };
}

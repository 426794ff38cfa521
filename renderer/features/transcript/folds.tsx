import { createContext, useCallback, useContext, useState } from 'react';

/** What a person opened or closed, by item; a row that scrolled away and back is as it was left. */
export const FoldsContext = createContext<Map<string, boolean>>(new Map());

export function useFold(
  key: string,
  initial: boolean,
): readonly [open: boolean, toggle: () => void] {
  const folds = useContext(FoldsContext);
  const [chosen, setChosen] = useState(folds.get(key));
  const open = chosen ?? initial;
  const toggle = useCallback(() => {
    folds.set(key, !open);
    setChosen(!open);
  }, [folds, key, open]);
  return [open, toggle];
}

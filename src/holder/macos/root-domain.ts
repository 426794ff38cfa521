/** What the kernel's own power management says (IOPMrootDomain). null: it does not say. */
export interface RootDomain {
  /** null: no lid. */
  readonly lidClosed: boolean | null;
  /** False with an external display and mains: then a closed lid puts nothing to sleep. */
  readonly lidCausesSleep: boolean | null;
  /** What `pmset disablesleep` comes to; a sleep may lose it while the setting still says 1. */
  readonly sleepDisabled: boolean | null;
  /** Awake for its maintenance only, as behind a closed lid in the night; the next sleep follows unasked. */
  readonly isDarkWake: boolean | null;
}

/** Of kIOPMSystemCapability: without it no display can be on. */
const GRAPHICS = 2;

/** By class, since Macs without a lid have no clamshell key to find it by. */
export const ROOT_DOMAIN_ARGS: readonly string[] = ['-r', '-c', 'IOPMrootDomain', '-d', '1'];

/** Parses what `ioreg` prints for {@link ROOT_DOMAIN_ARGS}; null when it is not that. */
export function parseRootDomain(text: string): RootDomain | null {
  if (!text.includes('IOPMrootDomain')) return null;
  return {
    lidClosed: flag(text, 'AppleClamshellState'),
    lidCausesSleep: flag(text, 'AppleClamshellCausesSleep'),
    sleepDisabled: flag(text, 'SleepDisabled'),
    isDarkWake: isDark(text),
  };
}

function isDark(text: string): boolean | null {
  const capabilities = /^[\s|]*"System Capabilities" = (\d+)\s*$/mu.exec(text)?.[1];
  return capabilities === undefined ? null : (Number(capabilities) & GRAPHICS) === 0;
}

function flag(text: string, name: string): boolean | null {
  const value = new RegExp(`^[\\s|]*"${name}" = (Yes|No)\\s*$`, 'mu').exec(text)?.[1];
  return value === undefined ? null : value === 'Yes';
}

/** SUB_BUTTONS and LIDACTION: names that powercfg takes, and prints only where they are not hidden. */
export const BUTTONS = '4f971e89-eebd-4455-a8de-9e59040e7347';
export const LID_ACTION = '5ca83367-6e45-459f-a27b-476b1d01c936';

const GUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/iu;

/** What closing the lid does: 0 nothing, 1 sleep, 2 hibernate, 3 shut down. */
export interface LidActions {
  readonly ac: string;
  readonly dc: string;
}

/** The first GUID of `powercfg /getactivescheme`, whatever language is around it. */
export function parseActiveScheme(text: string): string | null {
  return GUID.exec(text)?.[0].toLowerCase() ?? null;
}

/** The GUIDs of `powercfg /list`. */
export function parseSchemes(text: string): readonly string[] {
  return [...text.matchAll(new RegExp(GUID, 'giu'))].map(([guid]) => guid.toLowerCase());
}

/**
 * What `powercfg /query <scheme> SUB_BUTTONS LIDACTION` says of the lid. Only GUIDs and hexadecimal
 * values are read, since all words are in the language of Windows; the last two values of a setting
 * are those for mains and for battery, in this order. null: the scheme shows no such setting.
 */
export function parseLidActions(text: string): LidActions | null {
  const lines = text.split('\n');
  const from = lines.findIndex((line) => GUID.exec(line)?.[0].toLowerCase() === LID_ACTION);
  if (from === -1) return null;
  const after = lines.slice(from + 1).findIndex((line) => GUID.test(line));
  const own = lines.slice(from + 1, after === -1 ? undefined : from + 1 + after);
  const values = own.flatMap((line) => /\b0x([0-9a-f]{8})\b/iu.exec(line)?.[1] ?? []);
  const [ac, dc] = values.slice(-2).map((hex) => String(Number.parseInt(hex, 16)));
  return ac === undefined || dc === undefined ? null : { ac, dc };
}

/** What a group policy says of the lid; null: it leaves it to the person. */
export interface LidPolicy {
  readonly ac: string | null;
  readonly dc: string | null;
}

export const NO_POLICY: LidPolicy = { ac: null, dc: null };
export const LID_POLICY_KEY = `HKLM\\SOFTWARE\\Policies\\Microsoft\\Power\\PowerSettings\\${LID_ACTION}`;

/** `reg query` of {@link LID_POLICY_KEY}; it fails where there is no policy. */
export function parseLidPolicy(text: string): LidPolicy {
  const value = (name: string): string | null => {
    const hex = new RegExp(`^\\s*${name}\\s+REG_DWORD\\s+0x([0-9a-f]+)\\s*$`, 'imu').exec(
      text,
    )?.[1];
    return hex === undefined ? null : String(Number.parseInt(hex, 16));
  };
  return { ac: value('ACSettingIndex'), dc: value('DCSettingIndex') };
}

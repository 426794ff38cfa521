/** Output of Windows' own tools; where its form comes from is in README.md here. */

export const BALANCED = '381b4222-f694-41f0-9685-ff5bb260df2e';
export const PERFORMANCE = '8c5e7fda-e8bf-4a96-9a85-a6e23a8c635c';
export type Language = 'english' | 'german' | 'japanese' | 'chinese';

const WORDS = {
  english: {
    scheme: 'Power Scheme GUID',
    group: 'Subgroup GUID',
    setting: 'Power Setting GUID',
    alias: 'GUID Alias',
    index: 'Possible Setting Index',
    name: 'Possible Setting Friendly Name',
    ac: 'Current AC Power Setting Index',
    dc: 'Current DC Power Setting Index',
    balanced: 'Balanced',
    buttons: 'Power buttons and lid',
    lid: 'Lid close action',
    actions: ['Do nothing', 'Sleep', 'Hibernate', 'Shut down'],
    existing: 'Existing Power Schemes (* Active)',
  },
  german: {
    scheme: 'GUID des Energieschemas',
    group: 'GUID der Untergruppe',
    setting: 'GUID der Energieeinstellung',
    alias: 'GUID-Alias',
    index: 'Index möglicher Einstellung',
    name: 'Anzeigename der möglichen Einstellung',
    ac: 'Index der aktuellen Wechselstromeinstellung',
    dc: 'Index der aktuellen Gleichstromeinstellung',
    balanced: 'Ausbalanciert',
    buttons: 'Netzschalter und Zuklappen',
    lid: 'Zuklappen',
    actions: ['Nichts unternehmen', 'Energie sparen', 'Ruhezustand', 'Herunterfahren'],
    existing: 'Bestehende Energieschemen (* Aktiv)',
  },
  japanese: {
    scheme: '電源設定の GUID',
    group: 'サブグループの GUID',
    setting: '電源設定の GUID',
    alias: 'GUID エイリアス',
    index: '利用可能な設定のインデックス',
    name: '利用可能な設定のフレンドリ名',
    ac: '現在の AC 電源設定のインデックス',
    dc: '現在の DC 電源設定のインデックス',
    balanced: 'バランス',
    buttons: '電源ボタンとカバー',
    lid: 'カバーを閉じたときの操作',
    actions: ['何もしない', 'スリープ', '休止状態', 'シャットダウン'],
    existing: '既存の電源設定 (* アクティブ)',
  },
  chinese: {
    scheme: '电源方案 GUID',
    group: '子组 GUID',
    setting: '电源设置 GUID',
    alias: 'GUID 别名',
    index: '可能的设置索引',
    name: '可能的设置友好名称',
    ac: '当前交流电源设置索引',
    dc: '当前直流电源设置索引',
    balanced: '平衡',
    buttons: '电源按钮和盖子',
    lid: '合上盖子操作',
    actions: ['不采取任何操作', '睡眠', '休眠', '关机'],
    existing: '现有电源使用方案 (* Active)',
  },
} as const;

const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;
const lines = (all: readonly string[]): string => `${all.join('\r\n')}\r\n`;

/** `powercfg /query <scheme> SUB_BUTTONS LIDACTION`. */
export function lidQuery(
  language: Language,
  scheme: string,
  actions: { readonly ac: number; readonly dc: number },
): string {
  const words = WORDS[language];
  return lines([
    `${words.scheme}: ${scheme}  (${words.balanced})`,
    `  ${words.alias}: SCHEME_BALANCED`,
    `  ${words.group}: 4f971e89-eebd-4455-a8de-9e59040e7347  (${words.buttons})`,
    `    ${words.alias}: SUB_BUTTONS`,
    `    ${words.setting}: 5ca83367-6e45-459f-a27b-476b1d01c936  (${words.lid})`,
    `      ${words.alias}: LIDACTION`,
    ...words.actions.flatMap((action, index) => [
      `      ${words.index}: 00${index}`,
      `      ${words.name}: ${action}`,
    ]),
    `    ${words.ac}: ${hex(actions.ac)}`,
    `    ${words.dc}: ${hex(actions.dc)}`,
    '',
  ]);
}

/** The whole group, as some versions print it, with other settings behind the lid's. */
export function buttonsQuery(scheme: string, actions: { ac: number; dc: number }): string {
  return (
    lidQuery('english', scheme, actions) +
    lines([
      '    Power Setting GUID: 7648efa3-dd9c-4e3e-b566-50f929386280  (Power button action)',
      '    Current AC Power Setting Index: 0x00000001',
      '    Current DC Power Setting Index: 0x00000003',
    ])
  );
}

/** A desktop, or a maker that hides the setting. */
export function lidlessQuery(scheme: string): string {
  return lines([
    `Power Scheme GUID: ${scheme}  (Balanced)`,
    '  GUID Alias: SCHEME_BALANCED',
    '  Subgroup GUID: 4f971e89-eebd-4455-a8de-9e59040e7347  (Power buttons and lid)',
    '    GUID Alias: SUB_BUTTONS',
    '    Power Setting GUID: a7066653-8d6c-40a8-910e-a1f54b84c7e5  (Start menu power button)',
    '      GUID Alias: UIBUTTON_ACTION',
    '      Possible Setting Index: 000',
    '      Possible Setting Friendly Name: Sleep',
    '    Current AC Power Setting Index: 0x00000000',
    '    Current DC Power Setting Index: 0x00000000',
    '',
  ]);
}

export const activeScheme = (language: Language, scheme: string): string =>
  lines([`${WORDS[language].scheme}: ${scheme}  (${WORDS[language].balanced})`]);

export const schemes = (language: Language, all: readonly string[], active: string): string =>
  lines([
    '',
    WORDS[language].existing,
    '-----------------------------------',
    ...all.map(
      (scheme) =>
        `${WORDS[language].scheme}: ${scheme}  (${WORDS[language].balanced})${scheme === active ? ' *' : ''}`,
    ),
  ]);

export function policyQuery(actions: { readonly ac?: number; readonly dc?: number }): string {
  return lines([
    '',
    'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\Power\\PowerSettings\\5CA83367-6E45-459F-A27B-476B1D01C936',
    ...(actions.ac === undefined ? [] : [`    ACSettingIndex    REG_DWORD    0x${actions.ac}`]),
    ...(actions.dc === undefined ? [] : [`    DCSettingIndex    REG_DWORD    0x${actions.dc}`]),
    '',
  ]);
}

/** What Node makes of a tool that failed: the command, then what it said. */
export const REFUSED = {
  german: 'Zugriff verweigert',
  english:
    'Unable to perform operation. An unexpected error (0x65b) has occurred: Function failed during execution.',
  unknownScheme: 'The power scheme, subgroup or setting specified does not exist.',
} as const;

import type { SessionConfigOption, SessionMode } from '@agentclientprotocol/sdk';

export const MODES = [
  { id: 'ask', name: 'Ask', description: 'Asks before every edit and every command' },
  {
    id: 'edits',
    name: 'Accept edits',
    description: 'Edits files without asking, asks before commands',
  },
  { id: 'plan', name: 'Plan', description: 'Only plans, changes nothing' },
  { id: 'auto', name: 'Auto', description: 'Never asks' },
] as const satisfies readonly SessionMode[];
export type ModeId = (typeof MODES)[number]['id'];

export function isModeId(id: string): id is ModeId {
  return MODES.some((mode) => mode.id === id);
}

const MODELS = [
  { value: 'lantern', name: 'Lantern', description: 'Takes its time' },
  { value: 'match', name: 'Match', description: 'Three times as fast' },
] as const;
export type ModelId = (typeof MODELS)[number]['value'];

export function isModelId(value: unknown): value is ModelId {
  return MODELS.some((model) => model.value === value);
}

/** The two "models" differ in pace alone, so that choosing one shows. */
export function modelSpeed(model: ModelId): number {
  return model === 'match' ? 3 : 1;
}

export function configOptions(model: ModelId): SessionConfigOption[] {
  return [
    {
      id: 'model',
      name: 'Model',
      category: 'model',
      type: 'select',
      currentValue: model,
      options: MODELS.map((each) => ({ ...each })),
    },
  ];
}

export const COMMANDS = [
  { name: 'demo', description: 'The short coding task' },
  {
    name: 'script',
    description: 'Run a script of the demo agent',
    input: { hint: 'name key=value …' },
  },
];

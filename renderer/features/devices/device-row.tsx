import { useState, type KeyboardEvent } from 'react';
import {
  MAX_DEVICE_NAME_CHARS,
  MAX_PERSON_CHARS,
  roleSchema,
  ROLES,
  type Device,
} from '../../../src/protocol/devices.ts';
import { en } from '../../strings/en.ts';
import { devices as t, pairing } from '../../strings/pairing.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { ageOf, wholeTime } from '../../ui/time.ts';
import { PushLine } from './push-line.tsx';
import { Sure } from './sure.tsx';
import type { DeviceActs } from './use-devices.ts';

export interface DeviceRowProps {
  readonly device: Device;
  readonly nowMs: number;
  readonly acts: DeviceActs;
  readonly disabled: boolean;
}

export function DeviceRow({ device, nowMs, acts, disabled }: DeviceRowProps) {
  const [mode, setMode] = useState<'rest' | 'rename' | 'revoke'>('rest');
  const { id, name, role, person = '' } = device;
  if (mode === 'revoke')
    return (
      <li className="device">
        <Sure
          title={t.revokeAsk(name)}
          body={t.revokeBody}
          keep={t.keep}
          act={t.revoke}
          onKeep={() => setMode('rest')}
          onAct={() => void acts.revoke(id).then(() => setMode('rest'))}
        />
      </li>
    );
  if (mode === 'rename')
    return (
      <li className="device">
        <Rename
          name={name}
          person={person}
          onDone={(next) => {
            setMode('rest');
            if (next === null) return;
            if (next.name !== name) void acts.rename(id, next.name);
            if (next.person !== '' && next.person !== person) void acts.setPerson(id, next.person);
          }}
        />
      </li>
    );
  return (
    <li className="device">
      <div className="device-words">
        <span className="device-name">{name}</span>
        <span className="field-hint" title={seenTitle(device)}>
          {person === '' ? '' : `${person} · `}
          {seenWords(device, nowMs)}
        </span>
      </div>
      <select
        className="select"
        aria-label={t.role(name)}
        title={pairing.roleHints[role]}
        value={role}
        disabled={disabled}
        onChange={(event) => void acts.setRole(id, roleSchema.parse(event.target.value))}
      >
        {ROLES.map((one) => (
          <option key={one} value={one}>
            {pairing.roles[one]}
          </option>
        ))}
      </select>
      <IconButton label={t.renameOf(name)} disabled={disabled} onClick={() => setMode('rename')}>
        <Icon name="pencil" />
      </IconButton>
      <IconButton label={t.revokeOf(name)} disabled={disabled} onClick={() => setMode('revoke')}>
        <Icon name="trash" />
      </IconButton>
      {device.push !== undefined && (
        <PushLine {...{ device, nowMs, disabled }} push={device.push} test={acts.test} />
      )}
    </li>
  );
}

interface Called {
  readonly name: string;
  readonly person: string;
}

function Rename({
  name,
  person,
  onDone,
}: Called & {
  /** null: leave it. */
  readonly onDone: (next: Called | null) => void;
}) {
  const [value, setValue] = useState(name);
  const [whose, setWhose] = useState(person);
  const leave = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    onDone(null);
  };
  const isNamed = value.trim() !== '';
  return (
    <form
      className="device-rename"
      onSubmit={(event) => {
        event.preventDefault();
        if (isNamed) onDone({ name: value.trim(), person: whose.trim() });
      }}
    >
      <label className="field">
        <span className="field-label">{t.name}</span>
        <input
          className="input"
          value={value}
          maxLength={MAX_DEVICE_NAME_CHARS}
          ref={selected}
          onChange={(event) => setValue(event.target.value)}
          onKeyDown={leave}
        />
      </label>
      <label className="field">
        <span className="field-label">{t.person}</span>
        <input
          className="input"
          value={whose}
          maxLength={MAX_PERSON_CHARS}
          onChange={(event) => setWhose(event.target.value)}
          onKeyDown={leave}
        />
      </label>
      <div className="dialog-acts">
        <Button look="quiet" onClick={() => onDone(null)}>
          {en.app.cancel}
        </Button>
        <Button look="decide" type="submit" disabled={!isNamed}>
          {t.save}
        </Button>
      </div>
    </form>
  );
}

/** Once, when it appears: the callback stays the same. */
function selected(input: HTMLInputElement | null): void {
  input?.focus();
  input?.select();
}

function seenWords({ online, connections, lastSeenAt, via }: Device, nowMs: number): string {
  const seen = online
    ? connections > 1
      ? `${t.online} · ${t.pages(connections)}`
      : t.online
    : lastSeenAt === null
      ? t.neverSeen
      : agoWords(lastSeenAt, nowMs);
  return via === 'lan' ? `${seen} · ${t.lan}` : seen;
}

const HOUR_MS = 3_600_000;

/** "Seen 4 min ago", and from an hour on "Seen 14:30". */
function agoWords(at: string, nowMs: number): string {
  const age = ageOf(at, nowMs);
  return nowMs - Date.parse(at) < HOUR_MS ? t.seen(age) : t.seenAt(age);
}

function seenTitle({ lastSeenAt, pairedAt }: Device): string {
  const paired = t.pairedAt(wholeTime(pairedAt));
  return lastSeenAt === null ? paired : `${t.seenAt(wholeTime(lastSeenAt))}. ${paired}`;
}

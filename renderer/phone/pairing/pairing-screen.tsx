import { lazy, Suspense, useState, type ReactNode } from 'react';
import { useStore } from 'zustand';
import { assertNever } from '../../../src/base/assert-never.ts';
import { MAX_DEVICE_NAME_CHARS } from '../../../src/protocol/devices.ts';
import { phonePairing as words } from '../../strings/phone-pairing.ts';

import { Button, IconButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import type { PairingProps } from '../phone-world.ts';
import { InstallFirst } from './install-first.tsx';
import type { PairingFlow, PairingStep } from './pairing-flow.ts';
import { mustInstallFirst, type Surroundings } from './surroundings.ts';
import './pairing.css';

const CodeSource = lazy(async () => ({
  default: (await import('./code-source.tsx')).CodeSource,
}));

export interface PairingScreenProps extends PairingProps {
  readonly flow: PairingFlow;
  readonly around: Surroundings;
  readonly defaultName: string;
  /** Hosts whose keys the browser has cleared; empty: none that is known of. */
  readonly wiped: readonly string[];
}

/** From a code to a paired computer, one step a screen. */
export function PairingScreen({
  flow,
  around,
  defaultName,
  wiped,
  canLeave,
  onLeave,
}: PairingScreenProps) {
  const step = useStore(flow.store);
  const [inSafari, setInSafari] = useState(false);
  const leave = (): void => {
    if (step.step !== 'done') flow.leave('cancelled');
    else flow.again();
    onLeave();
  };
  return (
    <div className="pairing">
      {canLeave && step.step !== 'digits' && (
        <header className="pairing-head">
          <IconButton label={words.back} onClick={leave}>
            <Icon name="back" />
          </IconButton>
        </header>
      )}
      <main className="pairing-main">
        {wiped.length > 0 && (
          <p className="pairing-problem" role="alert">
            {words.wiped(wiped.join(', '))}
          </p>
        )}
        {mustInstallFirst(around) && !inSafari ? (
          <InstallFirst hasCode={step.step === 'ready'} onAnyway={() => setInSafari(true)} />
        ) : (
          <StepOf
            step={step}
            flow={flow}
            around={around}
            defaultName={defaultName}
            onLeave={leave}
          />
        )}
      </main>
    </div>
  );
}

interface StepProps {
  readonly step: PairingStep;
  readonly flow: PairingFlow;
  readonly around: Surroundings;
  readonly defaultName: string;
  readonly onLeave: () => void;
}

function StepOf({ step, flow, around, defaultName, onLeave }: StepProps) {
  switch (step.step) {
    case 'start':
      return (
        <Suspense fallback={null}>
          <CodeSource problem={step.problem} take={(text) => flow.take(text)} />
        </Suspense>
      );
    case 'ready':
      return <Ready flow={flow} step={step} around={around} defaultName={defaultName} />;
    case 'meeting':
      return (
        <>
          <p role="status">{words.meeting}</p>
          <Button onClick={() => flow.leave('cancelled')}>{words.cancel}</Button>
        </>
      );
    case 'digits':
      return <Digits flow={flow} digits={step.digits} hostName={step.hostName} />;
    case 'done':
      return (
        <>
          <h1>{words.done(step.hostName)}</h1>
          <p>{words.may(step.role)}</p>
          {step.isWeaker && <p className="pairing-soft">{words.weaker}</p>}
          <Button look="decide" onClick={onLeave}>
            {words.go}
          </Button>
        </>
      );
    case 'failed':
      return (
        <>
          <h1>{words.failed}</h1>
          <p role="alert">{step.message}</p>
          <Button look="decide" onClick={() => flow.again()}>
            {words.again}
          </Button>
        </>
      );
    default:
      return assertNever(step, 'pairing step');
  }
}

function Ready({
  flow,
  step,
  around,
  defaultName,
}: Pick<StepProps, 'flow' | 'around' | 'defaultName'> & {
  readonly step: Extract<PairingStep, { step: 'ready' }>;
}) {
  const [name, setName] = useState(defaultName);
  const relay = new URL(step.relay);
  return (
    <form
      className="pairing-form"
      onSubmit={(event) => {
        event.preventDefault();
        void flow.start(name);
      }}
    >
      <h1>{words.readyTitle}</h1>
      <label className="field">
        <span className="field-label">{words.name}</span>
        <input
          className="input"
          value={name}
          maxLength={MAX_DEVICE_NAME_CHARS}
          autoComplete="off"
          enterKeyHint="go"
          onChange={({ target }) => setName(target.value)}
        />
        <span className="field-hint">{words.nameHint}</span>
      </label>
      <dl className="pairing-facts">
        <Fact name={words.relay}>{relay.host}</Fact>
        {around.origin !== relay.origin && (
          <Fact name={words.page}>{new URL(around.origin).host}</Fact>
        )}
      </dl>
      {step.isLan && !around.secure && <p className="pairing-problem">{words.lan}</p>}
      <Button look="decide" type="submit">
        {words.pair}
      </Button>
      <Button onClick={() => flow.leave('cancelled')}>{words.cancel}</Button>
    </form>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Digits({
  flow,
  digits,
  hostName,
}: Pick<StepProps, 'flow'> & { readonly digits: string; readonly hostName: string }) {
  return (
    <>
      <h1>{words.match}</h1>
      {/* Read out one by one, and not as a number of six places. */}
      <p className="pairing-digits" aria-label={[...digits].join(' ')}>
        <span>{digits.slice(0, 3)}</span> <span>{digits.slice(3)}</span>
      </p>
      <p>{words.matchHow(hostName)}</p>
      <p className="pairing-soft" role="status">
        {words.matchWait}
      </p>
      <Button look="danger" onClick={() => flow.leave('mismatch')}>
        {words.differ}
      </Button>
      <Button onClick={() => flow.leave('cancelled')}>{words.cancel}</Button>
    </>
  );
}

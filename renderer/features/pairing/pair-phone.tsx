import { useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { MAX_PERSON_CHARS, type Role } from '../../../src/protocol/devices.ts';
import { assertNever } from '../../../src/base/assert-never.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { closeOverlay, openOverlay } from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { pairing as t } from '../../strings/pairing.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { useClickGuard } from '../approvals/click-guard.ts';
import { OfferedView } from './offered-view.tsx';
import { PairingModel, type PairView } from './pairing-model.ts';
import { RoleChoice } from './role-choice.tsx';
import './pairing.css';

const clocks = { wallMs: () => Date.now(), steadyMs: () => performance.now() };

/** From the code on the screen to the paired phone; closing it takes the code back. */
export function PairPhone() {
  const { link } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  const model = useMemo(() => new PairingModel(link, clocks), [link]);
  useEffect(() => {
    void model.start();
    return () => model.close();
  }, [model]);
  useEffect(() => {
    if (!isUp) model.lost();
  }, [model, isUp]);
  const view = useStore(model.store);
  return (
    <Dialog title={t.title} closeLabel={en.app.close} onClose={closeOverlay} size="large">
      <div className="dialog-body pair" data-phase={view.phase}>
        <Phase view={view} model={model} />
      </div>
    </Dialog>
  );
}

interface PhaseProps<P extends PairView['phase']> {
  readonly view: Extract<PairView, { phase: P }>;
  readonly model: PairingModel;
}

function Phase({ view, model }: { readonly view: PairView; readonly model: PairingModel }) {
  switch (view.phase) {
    case 'making':
      return (
        <div className="pair-middle" role="status">
          <h3>{t.making}</h3>
          <p className="pair-soft">{t.makingBody}</p>
          <div className="dialog-acts">
            <Button look="quiet" data-first-focus onClick={closeOverlay}>
              {en.app.cancel}
            </Button>
          </div>
        </div>
      );
    case 'offered':
      return (
        <OfferedView
          offered={view}
          onLan={(lan) => void model.make(lan)}
          onTakeBack={() => void model.takeBack()}
        />
      );
    case 'candidate':
      return <Candidate view={view} model={model} />;
    case 'paired':
      return <Paired view={view} model={model} />;
    case 'ended':
      return <Over title={t.ended[view.why]} message={view.message} model={model} />;
    case 'notMade':
      return <Over title={t.notMade} message={view.message} model={model} />;
    default:
      return assertNever(view, 'view');
  }
}

function Candidate({ view, model }: PhaseProps<'candidate'>) {
  const [role, setRole] = useState<Role>(view.role);
  const [person, setPerson] = useState('');
  // It takes the place of the code: whoever was about to click there meant something else.
  const mayDecide = useClickGuard(view.digits);
  const { digits } = view;
  return (
    <>
      <div role="status">
        <h3 tabIndex={-1} ref={focused}>
          {t.candidate(view.name)}
        </h3>
        <p className="pair-soft">{t.compare}</p>
        <p className="pair-digits">
          <span>{digits.slice(0, 3)}</span> <span>{digits.slice(3)}</span>
        </p>
      </div>
      <RoleChoice role={role} onRole={setRole} disabled={view.isBusy} />
      <label className="field">
        <span className="field-label">{t.person}</span>
        <input
          className="input"
          value={person}
          maxLength={MAX_PERSON_CHARS}
          placeholder={t.personYou}
          disabled={view.isBusy}
          onChange={(event) => setPerson(event.target.value)}
        />
      </label>
      <div className="dialog-acts">
        <Button
          look="danger"
          disabled={view.isBusy}
          onClick={() => {
            if (mayDecide()) void model.refuse();
          }}
        >
          {t.differ}
        </Button>
        <Button
          look="decide"
          disabled={view.isBusy}
          onClick={() => {
            if (mayDecide()) void model.confirm(role, person);
          }}
        >
          {view.isBusy ? t.working : t.match}
        </Button>
      </div>
    </>
  );
}

function Paired({ view: { device }, model }: PhaseProps<'paired'>) {
  return (
    <>
      <div role="status">
        <h3>{t.paired(device.name)}</h3>
        <p className="pair-soft">{t.pairedBody(t.roles[device.role].toLowerCase())}</p>
      </div>
      <div className="dialog-acts">
        <Button look="quiet" onClick={() => void model.make(false)}>
          {t.another}
        </Button>
        <Button onClick={() => openOverlay({ name: 'devices' })}>{t.devices}</Button>
        <Button look="decide" ref={focused} onClick={closeOverlay}>
          {t.done}
        </Button>
      </div>
    </>
  );
}

interface OverProps {
  readonly title: string;
  readonly message: string;
  readonly model: PairingModel;
}

function Over({ title, message, model }: OverProps) {
  return (
    <>
      <div role="alert">
        <h3>{title}</h3>
        <p className="pair-soft">{message}</p>
      </div>
      <div className="dialog-acts">
        <Button look="quiet" onClick={closeOverlay}>
          {en.app.close}
        </Button>
        <Button look="decide" ref={focused} onClick={() => void model.make(false)}>
          {t.again}
        </Button>
      </div>
    </>
  );
}

/** The screen before took the focus with it; the next step is where the keyboard goes on. */
function focused(element: HTMLElement | null): void {
  element?.focus();
}

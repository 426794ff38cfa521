import { useState, type ReactNode } from 'react';
import { later } from '../../strings/phone-later.ts';
import { night } from '../../strings/night.ts';
import { notify } from '../../strings/phone-notify.ts';
import { rules } from '../../strings/rules.ts';
import { passkey } from '../../strings/phone-passkey.ts';
import { useMay } from '../../state/role.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Icon } from '../../ui/icon.tsx';
import { useNow } from '../../ui/use-now.ts';
import { en } from '../../strings/en.ts';
import { PasskeyPart } from '../passkey/passkey-part.tsx';
import { usePhone, usePhoneWorld, type KnownHost } from '../phone-world.ts';
import { agoWords } from '../shell/link-words.ts';
import { useRouter } from '../shell/router-context.ts';
import { Screen } from '../shell/screen.tsx';
import { AuditPart } from './audit-part.tsx';
import './more.css';

const t = later.settings;
const AGE_EVERY_MS = 10_000;

/** This phone: the computers it knows, what it is called there, and what it keeps. */
export function SettingsScreen() {
  const router = useRouter();
  const hosts = usePhone((state) => state.hosts);
  const openId = usePhone((state) => state.open?.id);
  const version = usePhone((state) => state.version);
  const [leaving, setLeaving] = useState<KnownHost | null>(null);
  const mayDecide = useMay('approver');
  const host = hosts.find(({ id }) => id === openId);
  return (
    <Screen title={t.title}>
      <Part title={t.hosts}>
        <ul role="list" className="hosts">
          {hosts.map((one) => (
            <HostRow key={one.id} host={one} isOpen={one.id === openId} onForget={setLeaving} />
          ))}
        </ul>
        <Button icon={<Icon name="plus" />} onClick={() => router.go({ name: 'pair' })}>
          {t.add}
        </Button>
      </Part>
      {host !== undefined && (
        <>
          <Part title={t.device}>
            <dl className="pairs">
              <div>
                <dt>{t.name}</dt>
                <dd>{host.device.name}</dd>
              </div>
              <div>
                <dt>{t.role}</dt>
                <dd>{t.roles[host.device.role]}</dd>
              </div>
            </dl>
            <p className="soft">{t.changeOnHost}</p>
          </Part>
          {mayDecide && (
            <Part title={passkey.title}>
              <PasskeyPart key={host.id} />
            </Part>
          )}
          <Part title={notify.title}>
            <p>{notify.settings}</p>
            <Button onClick={() => router.go({ name: 'notify' })}>{notify.open}</Button>
          </Part>
          <Part title={night.title}>
            <p>{later.night.settings}</p>
            <Button icon={<Icon name="moon" />} onClick={() => router.go({ name: 'night' })}>
              {later.night.open}
            </Button>
          </Part>
          <Part title={rules.title}>
            <p>{later.rules.settings}</p>
            <Button onClick={() => router.go({ name: 'rules' })}>{later.rules.open}</Button>
          </Part>
          <Part title={later.audit.title}>
            <AuditPart />
          </Part>
          <Part title={t.privacy}>
            <p>{t.privacyBody(authorityOf(host.relay))}</p>
          </Part>
        </>
      )}
      <Storage />
      <Install />
      <p className="soft settings-version">
        {en.app.name} · {t.version} {version}
      </p>
      {leaving !== null && <Forget host={leaving} onClose={() => setLeaving(null)} />}
    </Screen>
  );
}

function HostRow({
  host,
  isOpen,
  onForget,
}: {
  readonly host: KnownHost;
  readonly isOpen: boolean;
  readonly onForget: (host: KnownHost) => void;
}) {
  const { acts } = usePhoneWorld();
  const router = useRouter();
  const nowMs = useNow(AGE_EVERY_MS);
  return (
    <li className="host-row">
      <button
        type="button"
        className="host-name"
        aria-current={isOpen ? 'true' : undefined}
        onClick={() => {
          acts.openHost(host.id);
          router.go({ name: 'home' });
        }}
      >
        {host.name}
        <span className="host-under">
          {[isOpen && t.open, t.seen(agoWords(host.seenAtMs, nowMs))].filter(Boolean).join(' · ')}
        </span>
      </button>
      <Button look="quiet" aria-label={t.forgetDo(host.name)} onClick={() => onForget(host)}>
        {t.forget}
      </Button>
    </li>
  );
}

/** Keeping it has the focus. */
function Forget({ host, onClose }: { readonly host: KnownHost; readonly onClose: () => void }) {
  const { acts } = usePhoneWorld();
  const [problem, setProblem] = useState<string | null>(null);
  return (
    <Dialog title={t.forgetTitle(host.name)} closeLabel={en.app.close} onClose={onClose}>
      <div className="dialog-body">
        <p>{t.forgetBody}</p>
        {problem !== null && (
          <p className="field-problem" role="alert">
            {problem}
          </p>
        )}
        <div className="dialog-acts">
          <Button
            look="danger"
            onClick={() => {
              acts
                .forgetHost(host.id)
                .then(onClose, (error: unknown) =>
                  setProblem(error instanceof Error ? error.message : String(error)),
                );
            }}
          >
            {t.forgetDo(host.name)}
          </Button>
          <Button look="decide" data-first-focus onClick={onClose}>
            {t.forgetKeep}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function Storage() {
  const { acts } = usePhoneWorld();
  const storage = usePhone((state) => state.storage);
  const [refused, setRefused] = useState(false);
  return (
    <Part title={t.storage}>
      <p>{t[storage]}</p>
      {storage === 'mayBeCleared' && (
        <Button
          onClick={() => {
            acts.keepStorage().then(
              (kept) => setRefused(!kept),
              () => setRefused(true),
            );
          }}
        >
          {t.keep}
        </Button>
      )}
      {refused && storage !== 'kept' && (
        <p className="soft" role="status">
          {t.notKept}
        </p>
      )}
    </Part>
  );
}

function Install() {
  const { acts } = usePhoneWorld();
  const install = usePhone((state) => state.install);
  if (install === 'no') return null;
  return (
    <Part title={t.install}>
      <p>
        {install === 'installed'
          ? t.installed
          : install === 'offered'
            ? t.installOffered
            : t.installByHand}
      </p>
      {install === 'offered' && <Button onClick={() => void acts.install()}>{t.install}</Button>}
    </Part>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="part">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function authorityOf(relay: string): string {
  try {
    return new URL(relay).host;
  } catch {
    return relay;
  }
}

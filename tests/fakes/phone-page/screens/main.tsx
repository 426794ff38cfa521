// The phone's screens on a fake phone, for the browser tests: no relay, no keys, no service worker.
import { createRoot } from 'react-dom/client';
import { PhoneApp } from '../../../../renderer/phone/app.tsx';
import type { PairingProps } from '../../../../renderer/phone/phone-world.ts';
import '../../../../renderer/ui/tokens.css';
import '../../../../renderer/ui/base.css';
import { FakePhone, type FakeGiven } from './fake-phone.ts';

declare global {
  interface Window {
    fakePhone: FakePhone;
  }
}

function Pairing({ canLeave, onLeave }: PairingProps) {
  return (
    <main className="screen-body">
      <h1>Pair a computer</h1>
      {canLeave && (
        <button type="button" className="button" onClick={onLeave}>
          Back
        </button>
      )}
    </main>
  );
}

// The test made this text itself.
const given = JSON.parse(new URLSearchParams(location.search).get('given') ?? '{}') as FakeGiven;
window.fakePhone = new FakePhone(given);
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(<PhoneApp phone={window.fakePhone} Pairing={Pairing} />);

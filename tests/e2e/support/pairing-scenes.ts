import { RpcFailure } from '../../../src/protocol/errors.ts';
import type { Device, RelayStatus, Role } from '../../../src/protocol/devices.ts';
import type { PairState } from '../../../src/protocol/pairing.ts';
import { deviceIdSchema } from '../../../src/protocol/relay.ts';
import type { FakeConnection, FakeHost } from '../../fakes/fake-host.ts';

const CODE =
  'AQAHDhUcIyoxOD9GTVRbYmkBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQICAgICAgICAgICAgICAgI';
const ID = 'AAcOFRwjKjE4P0ZNVFtia';

export function device(n: number, given: Partial<Device> = {}): Device {
  return {
    id: deviceIdSchema.parse(`${ID}${'AQgw'[n] ?? 'A'}`),
    name: 'Pixel 9, Chrome',
    role: 'approver',
    pairedAt: '2026-11-20T08:00:00.000Z',
    lastSeenAt: null,
    online: false,
    connections: 0,
    via: 'relay',
    ...given,
  };
}

/** The pairing of a fake host: answers as the real one does, and lets a test play the phone. */
export class FakePairing {
  state: PairState = { phase: 'idle' };
  devices: Device[] = [];
  status: RelayStatus = {
    url: 'https://relay.example',
    own: false,
    connected: true,
    since: new Date(Date.now() - 5 * 60_000).toISOString(),
    lanUrl: null,
    problem: null,
  };
  /** Set: no code can be made. */
  notMade: string | null = null;
  relay = 'https://relay.example';
  readonly #host: FakeHost;
  #offers = 0;
  #owner: FakeConnection | null = null;

  constructor(host: FakeHost) {
    this.#host = host;
    const { handlers } = host;
    handlers['pair.follow'] = () => ({ state: this.state });
    handlers['pair.offer'] = ({ role = 'approver', lan }, connection) => {
      if (this.notMade !== null) throw new RpcFailure('refused', this.notMade);
      this.#owner = connection;
      const relay = lan ? 'http://192.168.1.7:7420' : this.relay;
      const page = lan ? relay : this.relay.replace('relay.', 'app.');
      const url = `${page}/#p=${CODE}${String((this.#offers += 1)).padStart(4, 'A')}`;
      this.tell({ phase: 'offered', url, role, page, relay, lan, ...soon() });
      return { state: this.state };
    };
    handlers['pair.confirm'] = ({ digits, role = 'approver' }) => {
      const { state } = this;
      if (state.phase !== 'candidate' || state.digits !== digits)
        throw new RpcFailure('refused', 'Those are not the digits.');
      const paired = this.pair(state.name, role);
      return { device: paired };
    };
    handlers['pair.refuse'] = () => {
      this.end('refused', 'The device was refused and is not paired. The code is void.');
      return {};
    };
    handlers['pair.cancel'] = () => {
      if (this.state.phase === 'offered' || this.state.phase === 'candidate')
        this.end('cancelled', 'The code was taken back. Nothing was paired.');
      return {};
    };
    handlers['devices.list'] = () => ({ devices: this.devices });
    handlers['relay.status'] = () => this.status;
    this.#deviceRows();
  }

  get isOwned(): boolean {
    return this.#owner !== null && this.#host.connections.has(this.#owner);
  }

  /** A phone has scanned the code. */
  scan(name = 'Pixel 9, Chrome', digits = '048291'): void {
    this.tell({ phase: 'candidate', name, digits, role: 'approver', ...soon() });
  }

  pair(name: string, role: Role): Device {
    const paired = device(this.devices.length, { name, role });
    this.devices = [...this.devices, paired];
    this.tell({ phase: 'paired', device: paired });
    this.#host.tell('devices.changed', { devices: this.devices });
    return paired;
  }

  end(why: Extract<PairState, { phase: 'ended' }>['why'], message: string): void {
    this.tell({ phase: 'ended', why, message });
  }

  tell(state: PairState): void {
    this.state = state;
    this.#host.tell('pair.state', { state });
  }

  #deviceRows(): void {
    const { handlers } = this.#host;
    const change = (id: string, fields: Partial<Device>): { device: Device } => {
      this.devices = this.devices.map((each) => (each.id === id ? { ...each, ...fields } : each));
      this.#host.tell('devices.changed', { devices: this.devices });
      const changed = this.devices.find((each) => each.id === id);
      if (changed === undefined) throw new RpcFailure('notFound', `There is no device ${id}.`);
      return { device: changed };
    };
    handlers['devices.rename'] = ({ device: id, name }) => change(id, { name });
    handlers['devices.setRole'] = ({ device: id, role }) => change(id, { role });
    handlers['devices.revoke'] = (target) => {
      const gone = this.devices.filter((each) => 'all' in target || each.id === target.device);
      this.devices = this.devices.filter((each) => !gone.includes(each));
      this.#host.tell('devices.changed', { devices: this.devices });
      return { revoked: gone.map(({ id }) => id) };
    };
  }
}

function soon(): { expiresAt: string } {
  return { expiresAt: new Date(Date.now() + 120_000).toISOString() };
}

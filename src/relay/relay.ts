import type { Logger } from '../base/log.ts';
import { AddressBook } from './address-book.ts';
import { Authorities } from './authorities.ts';
import { Channels } from './channels.ts';
import { Cluster, type ClusterParts } from './cluster/cluster.ts';
import type { Clock } from './clock.ts';
import type { RelayLimits } from './limits.ts';
import { Drain, sendAway } from './drain.ts';
import { Listening, type ListenAddress } from './listening.ts';
import { MailDesk } from './mail/mail-desk.ts';
import type { MailStore } from './mail/mail-store.ts';
import { Metrics } from './metrics.ts';
import { mailFamilies } from './metrics/cluster-families.ts';
import { StoreTimes } from './metrics/store-times.ts';
import type { RelayNotes } from './notes/note-desk.ts';
import type { Page } from './page-files.ts';
import { Pages } from './pages.ts';
import { PollDoor } from './poll-door.ts';
import { Readiness } from './readiness.ts';
import { Reception } from './reception.ts';
import { RendezvousBook } from './rendezvous.ts';
import { SocketDoor } from './socket-door.ts';
import { Throttle } from './throttle.ts';
import { Turnstile } from './turnstile.ts';
import type { CertificateFiles } from './tls/certificate-files.ts';
import { Web } from './web.ts';

/** At the status address: whoever watches a relay. */
const MAX_WATCHERS = 100;
const TICK_MS = 1_000;
/** From being told to stop until the last connection is cut. */
const STOP_LIMIT_MS = 1_500;
const LAST_MOMENT_MS = 200;
/** What hosts have said last is kept, and handed on, as far as disk and net allow; a moment mostly. */
const LAST_WORDS_MS = 3_000;
/** RFC 6455 §7.4.1: an endpoint is going away. */
const GOING_AWAY = 1001;

export interface RelayOptions {
  readonly names: readonly string[];
  readonly trustProxy: boolean;
  readonly limits: RelayLimits;
  readonly clock: Clock;
  readonly log: Logger;
  readonly version: string;
  /** The phone's page; null serves none. */
  readonly page: Page | null;
  /** Origins of other relays that the page may connect to. */
  readonly allowConnect: readonly string[];
  /** null: it keeps none, and says so to no host. Closed with the relay. */
  readonly notes: RelayNotes | null;
  /** null: it keeps no mail for hosts that are away, and says so to nobody. Closed with the relay. */
  readonly mail: MailStore | null;
  /** null: plain http, as behind a proxy. Closed with the relay. */
  readonly certificate?: CertificateFiles | null;
  /** Of stores that are timed already. */
  readonly times?: StoreTimes;
  /** null: it is one process. Closed with the relay. */
  readonly cluster: ClusterParts | null;
}

/** A relay: one process, no state on disk but the notes of hosts. */
export class Relay {
  readonly metrics = new Metrics();
  readonly readiness = new Readiness();
  readonly mail: MailDesk | null;
  readonly cluster: Cluster | null;
  readonly #options: RelayOptions;
  readonly #authorities: Authorities;
  readonly #channels: Channels;
  readonly #turnstile: Turnstile;
  readonly #sockets: SocketDoor;
  readonly #polls: PollDoor;
  readonly #web: Web;
  readonly #doors: Listening;
  readonly #status: Listening;
  readonly #drain: Drain;
  #stopTicking: () => void = () => {};
  #isStopping = false;

  constructor(options: RelayOptions) {
    const { clock, limits, names, trustProxy, notes } = options;
    const { metrics } = this;
    this.#options = options;
    const { times = new StoreTimes(clock) } = options;
    const mail = deskOf({ ...options, mail: options.mail && times.ofMail(options.mail) });
    this.mail = mail;
    metrics.add(() => (mail === null ? [] : mailFamilies(mail.counts)));
    metrics.add(() => times.families());
    this.#authorities = new Authorities(names);
    const rendezvous = new RendezvousBook();
    const throttle = new Throttle(clock, metrics);
    this.cluster = clusterOf(options, rendezvous);
    this.#channels = new Channels(limits, {
      clock,
      metrics,
      throttle,
      rendezvous,
      notes,
      mail: this.mail,
      placeOf: this.cluster?.placeOf,
    });
    const reception = new Reception({
      ...{ clock, metrics, rendezvous },
      authorities: this.#authorities,
      channels: this.#channels,
      takeOffer: this.cluster?.takeOffer,
    });
    this.#turnstile = new Turnstile(new AddressBook(limits, clock), metrics, {
      maxConnections: limits.maxConnections,
      trustProxy,
    });
    this.#sockets = new SocketDoor(reception, this.#turnstile, throttle, metrics);
    this.#polls = new PollDoor(reception, this.#turnstile, metrics, clock);
    this.#web = new Web({ relay: this, parts: [this.#polls, ...this.#pages()] });
    this.#doors = new Listening(limits.maxConnections, trustProxy ? null : limits.maxPerAddress);
    this.#status = new Listening(MAX_WATCHERS, null);
    const { certificate = null } = options;
    certificate?.changes.on((changed) => this.#doors.use(changed));
    metrics.add(() => certificate?.families() ?? []);
    this.#drain = new Drain(
      {
        shut: () => this.#shut(),
        lines: () => [...this.#sockets.lines(), ...this.#polls.lines()],
        sent: (count) => (metrics.moved += count),
      },
      clock,
    );
    this.readiness.add(() => (this.#drain.isBegun ? 'It is stopping.' : null));
    this.readiness.add(() => (this.#turnstile.isFull ? 'It is full.' : null));
    this.readiness.add(() => this.cluster?.trouble() ?? null);
    metrics.add(() => this.cluster?.families() ?? []);
    this.#tick();
  }

  #pages(): Pages[] {
    const { page, allowConnect, trustProxy } = this.#options;
    if (page === null) return [];
    const isOurName = (authority: string): boolean => this.#authorities.has(authority);
    return [new Pages({ page, allowConnect, trustProxy, isOurName })];
  }

  /** Port 0 takes a free one. The URL it is reached at; throws when the address cannot be had. */
  async listen(address: ListenAddress): Promise<string> {
    const { certificate = null } = this.#options;
    const { url, at } = await this.#doors.listen(address, certificate?.current ?? null, {
      request: (request, response) => this.#web.answer(request, response),
      upgrade: (request, socket, head) => this.#sockets.upgrade(request, socket, head),
    });
    this.#authorities.addListening(at.address, at.port);
    return url;
  }

  /** Where the operator looks, by plain http, also while it drains: from then on metrics are only there. */
  async listenForStatus(address: ListenAddress): Promise<string> {
    this.#web.keepsMetrics = true;
    const { url } = await this.#status.listen(address, null, {
      request: (request, response) => this.#web.answerStatus(request, response),
    });
    return url;
  }

  get version(): string {
    return this.#options.version;
  }

  get maxConnections(): number {
    return this.#options.limits.maxConnections;
  }

  isReady(): boolean {
    return this.readiness.reasons().length === 0;
  }

  channels(): number {
    return this.#channels.size;
  }

  connections(): number {
    return this.#turnstile.inside;
  }

  get notes(): RelayNotes | null {
    return this.#options.notes;
  }

  unreadBytes(): number {
    return this.#sockets.unreadBytes + this.#polls.unreadBytes;
  }

  /** Sends all away, a few at a time, over at most `limitMs`. `stop` belongs after it. */
  async drain(limitMs: number): Promise<void> {
    await this.#drain.run(limitMs);
  }

  #shut(): void {
    this.#turnstile.shut();
    void this.#options.notes?.retire?.();
    void this.#doors.close();
    for (const line of [...this.#polls.lines()]) sendAway(line);
  }

  /** Takes nobody in, sends all away, and is over within two seconds; eight where a store is away. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#stopTicking();
    this.#options.certificate?.close();
    const both = [this.#doors, this.#status];
    const ended = both.map(async (listening) => await listening.close());
    for (const door of [this.#sockets, this.#polls])
      door.closeAll(GOING_AWAY, 'The relay is stopping.');
    for (const listening of both) listening.closeIdle();
    await within(STOP_LIMIT_MS, Promise.all(ended));
    for (const door of [this.#sockets, this.#polls]) door.terminateAll();
    for (const listening of both) listening.cut();
    // Somebody who has only just come in, and hears nothing of all this, ends with the process.
    const { notes, mail } = this.#options;
    await Promise.all([
      within(LAST_MOMENT_MS, Promise.all(ended)),
      within(LAST_WORDS_MS, Promise.all([notes?.close(), mail?.close()])),
    ]);
    // What notes and mail have to say to other nodes has gone out.
    await within(LAST_WORDS_MS, this.cluster?.close(LAST_MOMENT_MS) ?? Promise.resolve());
  }

  #tick(): void {
    this.#stopTicking = this.#options.clock.after(TICK_MS, () => {
      if (this.#isStopping) return;
      this.#sockets.tick();
      this.#polls.tick();
      this.cluster?.tick();
      this.#tick();
    });
  }
}

function deskOf({ mail: store, clock, log }: RelayOptions): MailDesk | null {
  if (store === null) return null;
  return new MailDesk({ store, clock, log, wallMs: Date.now, random: Math.random });
}

function clusterOf({ cluster, clock }: RelayOptions, rendezvous: RendezvousBook): Cluster | null {
  if (cluster === null) return null;
  return new Cluster(cluster, { clock, rendezvous, random: Math.random });
}

async function within(limitMs: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
}

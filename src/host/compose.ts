import { join } from 'node:path';
import type { Logger } from '../base/log.ts';
import { systemTimers } from '../connection/timers.ts';
import type { Transport } from '../connection/transport.ts';
import { startKeeper } from '../local/ensure-host.ts';
import type { Home } from '../local/home.ts';
import { MAX_PROMPT_BYTES } from '../protocol/limits.ts';
import type { NotificationName, NotificationParams } from '../protocol/methods.ts';
import { AcpConversations } from './agents/acp/acp-conversations.ts';
import { AcpDriver } from './agents/acp/acp-driver.ts';
import { composeAgents } from './compose-agents.ts';
import { composeTelling } from './compose-telling.ts';
import { OpenInTerminals } from './agents/open-elsewhere/open-elsewhere.ts';
import { runningPrograms } from './agents/open-elsewhere/running-programs.ts';
import { agentMethods } from './api/agent-methods.ts';
import { listFolders } from './api/folders.ts';
import type { Handlers } from './api/handlers.ts';
import { hostMethods } from './api/host-methods.ts';
import { sessionMethods } from './api/session-methods.ts';
import { SurfaceConnection } from './api/surface-connection.ts';
import { composeAudit } from './audit/compose-audit.ts';
import { composeDesk } from './approvals/compose-desk.ts';
import { lookAnew } from './clock/after-sleep.ts';
import { Clock, clockSourcesFor } from './clock/clock.ts';
import { Backup } from './backup/backup.ts';
import { ConfigFile } from './config/config.ts';
import { FolderBounds } from './devices/folder-bounds.ts';
import { forDevices } from './devices/for-devices.ts';
import { LocalEndpoint } from './endpoints/local-endpoint.ts';
import { LoopbackUi } from './endpoints/loopback-ui.ts';
import { historyWhenReady } from './event-log/history-when-ready.ts';
import { turnAway } from './endpoints/waiting-room.ts';
import { newApprovalId, newCommandId, newInstanceId } from './ids.ts';
import { composeLimits } from './limits/compose-limits.ts';
import { KeeperLink } from './keeper-link/keeper-link.ts';
import { composeNight } from './night/compose-night.ts';
import { failedBuildProblem, Problems } from './problems.ts';
import { composePower } from './power/compose-power.ts';
import { composePairing } from './pairing/compose-pairing.ts';
import { composeMachine } from './power/compose-machine.ts';
import { composeRules } from './rules/compose-rules.ts';
import { policyPlaceFor, type PolicyPlace } from './rules/policy-path.ts';
import { composeRemote, hostNameOf } from './relay/compose-remote.ts';
import type { RemoteSurface } from './relay/sealed-door.ts';
import { composeSandbox } from './sandbox/compose-sandbox.ts';
import { Adoption } from './sessions/adoption.ts';
import { AgentChoice } from './sessions/agent-choice.ts';
import { Commands } from './sessions/commands.ts';
import { CommandClaims } from './sessions/command-claims.ts';
import { composeUpkeep } from './sessions/compose-upkeep.ts';
import { DriftPolicy } from './sessions/mode-bounds.ts';
import { DEFAULT_POLICY } from './sessions/recovery.ts';
import { Sessions } from './sessions/sessions.ts';
import { DeskFeed } from './subscriptions/desk-feed.ts';
import { ReceiptFeed } from './subscriptions/receipt-feed.ts';
import { followSession } from './subscriptions/follow-session.ts';
import { readVersion } from './version.ts';
import { composeWorktrees } from './worktrees/compose-worktrees.ts';

export interface HostNeeds {
  readonly home: Home;
  /** Folder of the built programs. */
  readonly dist: string;
  readonly logger: Logger;
  /** Absent: the platform's. */
  readonly policyPlace?: PolicyPlace;
  /** Ends the process in good order. */
  leave(code: number, reason: string): void;
}

export interface Host {
  close(): void;
}

/** The only place where the host's objects are made and joined. */
export async function composeHost(needs: HostNeeds): Promise<Host> {
  const { home, dist, logger, leave, policyPlace = policyPlaceFor(process.platform) } = needs;
  const sources = clockSourcesFor(process.platform);
  const clock = new Clock(sources);
  const now = () => clock.now();
  const startedAtMs = Date.now();
  const version = readVersion(dist);
  const config = new ConfigFile(home.config, logger);
  const endpoint = await LocalEndpoint.listen(home.hostSocket, logger);
  const history = await historyWhenReady(home.database, {
    log: logger,
    now,
    tell: (words) => turnAway(endpoint, () => words),
    onDamage: () => leave(1, 'the history is damaged: the next start saves what can be read'),
  });
  const { store, log } = history;
  const keeper = await KeeperLink.connect(home, {
    hostPid: process.pid,
    hostVersion: version,
    log: logger,
  });
  const own = { execPath: process.execPath, isElectron: process.versions.electron !== undefined };
  const agents = composeAgents({ home, dist, own, config, logger });
  const { catalogue, loginEnv } = agents;
  const problems = new Problems();
  const rules = composeRules({
    ...{ home, program: dist, config, logger, problems, policyPlace, log, store, clock },
    profile: (agent) => catalogue.profile(agent),
  });
  const modes = () => rules.settings.current();
  const confinement = composeSandbox({ home, config, problems, modes, loginEnv });
  const choice = new AgentChoice({ catalogue, store, modes, confinement });
  const drift = new DriftPolicy(log, modes);
  const audit = composeAudit({
    ...{ home, log, store, problems, now },
    devices: () => remote.book.all(),
    headFile: () => config.current().audit?.headFile,
    prompts: () => rules.settings.current().auditPrompts,
  });

  const driver: AcpDriver = new AcpDriver({
    pipes: keeper,
    log,
    store,
    logger,
    version,
    owner: {
      settled: (tx, id) => sessions.settled(tx, id),
      turnEnded: (tx, id) => sessions.turnEnded(tx, id),
      unheard: (tx, id, turn) => sessions.unheard(tx, id, turn),
    },
    approvals: { asked: (tx, id, asked) => desk.approvals.asked(tx, id, asked) },
    profileOf: (agent) => catalogue.profile(agent),
    undoes: (_, change) => drift.undoes(change),
    newInstanceId,
    newApprovalId,
    now,
    steadyMs: () => clock.steadyMs(),
  });
  const commands = new Commands(log, store, now);
  const night = composeNight({ log, store, commands, logger, now, audit: audit.trail });
  const limits = composeLimits({
    ...{ log, agents: driver.idle, config, problems, logger, now },
    folder: home.root,
  });
  const worktrees = composeWorktrees({
    ...{ homeRoot: home.root, log, commands, logger, loginEnv, now },
    config: () => config.current(),
  });
  const { places } = worktrees;
  const sessions = new Sessions({
    places,
    room: limits.room,
    log,
    commands,
    driver,
    agents: choice,
    logger,
    promptLimitBytes: () => config.current().limits?.promptBytes ?? MAX_PROMPT_BYTES,
    recovery: {
      policy: () => ({ ...DEFAULT_POLICY, ...config.current().sessions }),
      steadyMs: () => clock.steadyMs(),
      wallMs: () => clock.wallMs(),
      random: () => Math.random(),
      timers: systemTimers,
    },
  });
  const adoption = new Adoption({
    places,
    room: limits.room,
    log,
    commands,
    driver,
    agents: choice,
    logger,
    source: new AcpConversations({ pipes: keeper, logger, version, newInstanceId }),
    resume: async (id, by) => await sessions.resume(id, newCommandId(), by),
    elsewhere: new OpenInTerminals({
      pipes: keeper,
      running: runningPrograms(process.platform),
      logger,
    }),
  });

  const surfaces = new Set<SurfaceConnection>();
  const tellAll = <N extends NotificationName>(name: N, params: NotificationParams<N>): void => {
    for (const surface of surfaces) surface.notify(name, params);
  };
  const ui = new LoopbackUi({
    root: join(dist, 'renderer', 'desktop'),
    logger,
    accept: (transport) => accept(transport),
    now: () => clock.steadyMs(),
    memory: {
      read: () => store.meta('ui'),
      write: (text) => log.commit((tx) => tx.putMeta('ui', text)),
    },
  });
  let isStopping = false;
  const claims = new CommandClaims({ log, store, now });
  const remote = composeRemote({
    ...{ home, dist, version, own, config, problems, logger, now, claims },
    owner: audit.owner,
    inNameOf: (by, change) => told.as(by, change),
    accept: (transport, device) => accept(transport, device),
    push: (device) => telling.stateOf(device),
  });

  const desk = composeDesk({
    ...{ log, store, commands, driver, owner: sessions, logger, now, devices: remote.devices },
    ...{ policy: rules.policy, rules: rules.forDesk(audit.trail), audit: audit.trail },
    settings: () => rules.settings.current().approvals,
    isNight: () => night.nights.isNight(),
  });
  night.nights.changed.on(() => desk.expiry.look());
  const told = audit.watchDevices(remote.book, logger);
  const pairing = composePairing({ ...remote, clock, logger });
  const power = composePower({
    ...{ home, dist, version, log, store, commands, config, problems, clock, sources, logger },
    ...{ audit: audit.trail, remote },
  });

  const telling = composeTelling({
    ...{ home, log, store, commands, config, problems, remote, driver, keeper, sessions },
    ...{ surfaces, tellAll, clock, logger, now, audit: audit.trail },
    hostName: () => hostNameOf(config),
  });

  const stop = (all: boolean): void => {
    isStopping = true;
    tellAll('host.stopping', { reason: all ? 'stopped' : 'restart' });
    if (!all) return leave(0, 'restart');
    ui.forget();
    driver.stopping();
    sessions.goingOn.stopping();
    const stopKeeper = async () => await keeper.stop();
    // First what was changed in this machine's settings: the keeper ends this host too.
    Promise.all([power.stop(), telling.stop()])
      .then(stopKeeper)
      .catch((error: unknown) => {
        logger.error({ err: error }, 'the keeper did not stop');
        leave(0, 'stopped without the keeper');
      });
  };
  const sessionCount = () => log.states().size;
  const backup = new Backup({ home, version, logger, store, sessions: sessionCount, now });
  const bounds = new FolderBounds({
    roots: () => config.current().devices?.roots ?? [],
    sessions: () => log.states().values(),
  });
  const parked = [sessions.goingOn, night.nights, desk.expiry, telling];
  const wakes = { logger, keeper, config, pages: [ui, remote], parked };
  const machine = composeMachine({
    ...{ log, store, clock, sources, remote, surfaces, logger, tellAll, power },
    lookAnew: async (gap) => await lookAnew(wakes, gap),
  });
  const all: Handlers = {
    ...hostMethods(
      {
        version,
        home: home.root,
        keeperPid: keeper.keeperPid,
        keeperVersion: keeper.keeperVersion,
        agents: async () => await keeper.running().catch(() => null),
        startedAtMs,
        stop,
        serveUi: async () => await ui.link(),
        hostName: () => hostNameOf(config),
        service: () => telling.service(),
      },
      log,
      store,
    ),
    ...agentMethods(agents.installed, (progress) => tellAll('agents.installing', progress)),
    ...worktrees.methods(sessions),
    ...sessionMethods({
      ...{ sessions, adoption, log, store },
      mayWorkIn: async (folder) => await bounds.mayWorkIn(folder),
      problems: () => problems.all(),
      follow: followSession(log, store),
    }),
    'desk.follow': (_, surface) => {
      const { feed, result } = DeskFeed.open({ log, surface });
      surface.followDesk(feed);
      surface.hold('receipts', () => new ReceiptFeed({ log, surface }));
      const others = {
        problems: problems.all(),
        night: night.nights.current(),
        ...telling.follow(surface),
      };
      return { ...result, ...others, ...audit.follow(surface), ...power.follow(surface) };
    },
    ...desk.methods,
    'agents.conversations': async (params) => await adoption.conversations(params),
    'host.backup': async ({ path }) => await backup.write(path),
    'folder.list': async ({ path }) => await listFolders(path),
    ...told.named(remote.methods),
    ...rules.methods({ commands, audit: audit.trail, approvals: () => desk.desk.open() }),
    ...told.named(pairing.methods),
    ...audit.methods,
    ...night.methods,
    ...power.methods,
    ...machine.methods,
    ...telling.methods,
    'folder.places': async () => ({ recent: bounds.recent(), roots: await bounds.roots() }),
  };
  const handlers = forDevices(all, { claims, bounds });

  /** Without `remote` a surface of this machine. */
  function accept(transport: Transport, remote?: RemoteSurface): SurfaceConnection {
    const surface: SurfaceConnection = new SurfaceConnection(transport, {
      handlers,
      logger,
      role: remote?.role ?? 'operator',
      device: remote?.device ?? null,
      heard: (from, notice) => telling.heard(from, notice),
      closed: () => {
        surfaces.delete(surface);
        telling.gone(surface);
        remote?.closed();
      },
    });
    surfaces.add(surface);
    return surface;
  }

  problems.changed.on((list) => tellAll('desk.problems', { problems: list }));
  problems.set('build', failedBuildProblem(home, version));
  problems.set('config', config.problem);
  config.problemChanged.on((problem) => problems.set('config', problem));
  driver.processes.onStalled = (message) => problems.set('disk', message);
  log.forgotten.on((sessionId) => tellAll('desk.forgotten', { sessionId }));
  const stopUpkeep = composeUpkeep({ history, commands, config, problems, logger });
  const stopWatching = config.watch();
  const stopRules = rules.start(audit.trail);
  keeper.closed.on((reason) => {
    // Told to stop, it was to end this host too; it may have died over that.
    if (isStopping) return leave(0, 'the keeper is gone');
    // A new keeper reaps what the old one left, and starts a new host that tells what was cut short.
    logger.error({ reason }, 'the keeper is gone; starting another');
    startKeeper(home, { dist, execPath: process.execPath });
    leave(1, 'the keeper is gone');
  });
  machine.restore();
  await driver.restore();
  sessions.restore();
  night.nights.changed.on((change) => tellAll('night.changed', { night: change.night }));
  night.nights.restore();
  desk.expiry.look();
  limits.start();
  telling.start();
  power.start();
  const stopMachine = machine.start();
  const stopSweeping = worktrees.startSweeping((problem) => problems.set('worktrees', problem));
  await ui.restore();
  endpoint.serve((transport) => accept(transport));
  remote.start();
  agents.start();

  return {
    close: () => {
      isStopping = true;
      agents.close();
      stopWatching();
      stopRules();
      stopSweeping();
      stopMachine();
      stopUpkeep();
      sessions.goingOn.close();
      night.nights.close();
      desk.expiry.close();
      telling.close();
      power.close();
      endpoint.close();
      pairing.close();
      audit.close();
      remote.close();
      for (const surface of surfaces) surface.close('the host leaves');
      ui.close();
      limits.close();
      driver.processes.close();
      store.close();
    },
  };
}

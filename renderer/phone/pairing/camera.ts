import { frameReader } from './read-code.ts';

/** Why there is no picture; the words are the screen's. */
export type CameraProblem = 'none' | 'refused' | 'busy' | 'insecure' | 'failed';

export class CameraError extends Error {
  override name = 'CameraError';
  readonly problem: CameraProblem;

  constructor(problem: CameraProblem, cause?: unknown) {
    super(`The camera cannot be used: ${problem}`, { cause });
    this.problem = problem;
  }
}

/** A light that some cameras have; not in TypeScript's list. */
interface Torch {
  readonly torch?: boolean;
}

/** Eight looks a second find a code at once and leave the phone cool. */
const LOOK_EVERY_MS = 125;

/** The camera at the back, shown in `video`, until `stop`. */
export class Camera {
  readonly #stream: MediaStream;
  readonly #track: MediaStreamTrack | undefined;
  #isStopped = false;

  private constructor(stream: MediaStream) {
    this.#stream = stream;
    [this.#track] = stream.getVideoTracks();
  }

  /** Throws {@link CameraError}. */
  static async start(video: HTMLVideoElement, devices: MediaDevices | undefined): Promise<Camera> {
    if (devices === undefined) throw new CameraError('insecure');
    let stream: MediaStream;
    try {
      stream = await devices.getUserMedia({
        audio: false,
        video: { facingMode: { ideal: 'environment' }, width: { ideal: 1280 } },
      });
    } catch (error) {
      throw new CameraError(problemOf(error), error);
    }
    const camera = new Camera(stream);
    try {
      video.srcObject = stream;
      await video.play();
    } catch (error) {
      camera.stop();
      throw new CameraError('failed', error);
    }
    return camera;
  }

  get hasTorch(): boolean {
    const capabilities = this.#track?.getCapabilities?.() as Torch | undefined;
    return capabilities?.torch === true;
  }

  async setTorch(torch: boolean): Promise<void> {
    const constraint: MediaTrackConstraintSet & Torch = { torch };
    await this.#track?.applyConstraints({ advanced: [constraint] });
  }

  /** Looks until `found` says that it was the right one, or the camera is stopped. */
  async scan(video: HTMLVideoElement, found: (text: string) => boolean): Promise<void> {
    const read = await frameReader();
    while (!this.#isStopped) {
      const text =
        video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA ? await read(video) : null;
      if (this.#isStopped || (text !== null && found(text))) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  stop(): void {
    this.#isStopped = true;
    for (const track of this.#stream.getTracks()) track.stop();
  }
}

function problemOf(error: unknown): CameraProblem {
  const name = error instanceof DOMException ? error.name : '';
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'refused';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'none';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'failed';
  }
}

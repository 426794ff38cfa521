/** One number with what tells it apart from others of its family. */
export type Sample = readonly [labels: string, value: number, suffix?: string];

/** All numbers of one name. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly samples: readonly Sample[];
}

export const PREFIX = 'porchlight_relay_';

export function gauge(name: string, help: string, samples: readonly Sample[] | number): Family {
  return { name: PREFIX + name, help, type: 'gauge', samples: samplesOf(samples) };
}

export function counter(name: string, help: string, samples: readonly Sample[] | number): Family {
  return { name: PREFIX + name, help, type: 'counter', samples: samplesOf(samples) };
}

/** One sample for each entry: its key is the value of the label. */
export function by(label: string, counts: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(counts).map(([value, count]) => [`{${label}="${value}"}`, count]);
}

/**
 * Text as Prometheus reads it, exposition format 0.0.4. Written by hand, not by a client library:
 * counting a frame is then the addition of two numbers, and each number is read where it is kept.
 */
export function exposition(families: readonly Family[]): string {
  return families
    .map(({ name, help, type, samples }) => {
      const lines = samples.map(
        ([labels, value, suffix = '']) => `${name}${suffix}${labels} ${value}\n`,
      );
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
    })
    .join('');
}

function samplesOf(samples: readonly Sample[] | number): readonly Sample[] {
  return typeof samples === 'number' ? [['', samples]] : samples;
}

/** A family as its text says it is. */
export interface ReadFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: readonly {
    readonly name: string;
    readonly labels: string;
    readonly value: string;
  }[];
}

/** Reads the exposition format 0.0.4; throws at what is not of it. */
export function readMetrics(text: string): ReadFamily[] {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families: {
    name: string;
    help: string;
    type: string;
    samples: ReadFamily['samples'][number][];
  }[] = [];
  for (const line of text.slice(0, -1).split('\n')) {
    const help = /^# HELP (\S+) (.*)$/.exec(line);
    const type = /^# TYPE (\S+) (\w+)$/.exec(line);
    const sample = /^([a-zA-Z_:][\w:]*)(\{[^}]*\})? (-?[\d.e+-]+|NaN|[+-]Inf)$/.exec(line);
    const last = families.at(-1);
    if (help !== null)
      families.push({ name: help[1] ?? '', help: help[2] ?? '', type: '', samples: [] });
    else if (type !== null && last !== undefined && last.name === type[1])
      last.type = type[2] ?? '';
    else if (sample !== null && last !== undefined)
      last.samples.push({ name: sample[1] ?? '', labels: sample[2] ?? '', value: sample[3] ?? '' });
    else throw new Error(`not of the format: ${line}`);
  }
  return families;
}

/** As `promtool check metrics` does, and Prometheus' own words on naming: what is wrong with them. */
export function metricsProblems(families: readonly ReadFamily[]): string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const { name, help, type, samples } of families) {
    const say = (what: string) => problems.push(`${name}: ${what}`);
    if (seen.has(name)) say('stands twice');
    seen.add(name);
    if (help.trim() === '') say('has no help');
    if (!['counter', 'gauge', 'histogram'].includes(type)) say(`is of no type, "${type}"`);
    if (!/^(?:porchlight_relay|process)_[a-z][a-z0-9_]*$/.test(name))
      say('is not named as ours are');
    if (name.includes('__')) say('has two underscores');
    if ((type === 'counter') !== name.endsWith('_total'))
      say('a counter, and nothing else, ends with _total');
    if (/_(?:gauge|counter|histogram|summary)(?:_|$)/.test(name)) say('names its type');
    if (
      /_(?:ms|us|ns|millis|milliseconds|minutes|hours|days|kb|mb|kib|mib|kilobytes|percent)(?:_|$)/.test(
        name,
      )
    )
      say('is not in the base unit');
    if (/_(?:count|sum|bucket)$/.test(name)) say('ends as the parts of a histogram do');
    const unit = /(seconds|bytes)/.exec(name);
    if (unit !== null && !/_(?:seconds|bytes)(?:_total|_limit)?$/.test(name))
      say('its unit is not its end');
    if (samples.length === 0) say('has no sample');
    const keys = new Set<string>();
    for (const sample of samples) {
      const key = `${sample.name}${sample.labels}`;
      if (keys.has(key)) say(`${key} stands twice`);
      keys.add(key);
      const suffix = sample.name.slice(name.length);
      const isOfIt = sample.name.startsWith(name);
      const fits =
        type === 'histogram' ? ['_bucket', '_sum', '_count'].includes(suffix) : suffix === '';
      if (!isOfIt || !fits) say(`${sample.name} is not of it`);
      for (const [, label] of sample.labels.matchAll(/([^{,=]+)=/g)) {
        if (!/^[a-z][a-z_]*$/.test(label ?? '')) say(`the label ${label}`);
        if (label === 'le' && suffix !== '_bucket') say('le is for buckets');
      }
    }
    if (type === 'histogram') problems.push(...bucketProblems(name, samples));
  }
  return problems;
}

function bucketProblems(name: string, samples: ReadFamily['samples']): string[] {
  const problems: string[] = [];
  let before = -1;
  let bound = Number.NEGATIVE_INFINITY;
  for (const { name: of, labels, value } of samples) {
    const le = /le="([^"]+)"/.exec(labels)?.[1];
    if (le === undefined) {
      if (of.endsWith('_count') && Number(value) !== before)
        problems.push(`${name}: counts something else than +Inf`);
      if (of.endsWith('_sum') && bound !== Infinity) problems.push(`${name}: has no +Inf`);
      before = of.endsWith('_count') ? -1 : before;
      bound = of.endsWith('_count') ? Number.NEGATIVE_INFINITY : bound;
      continue;
    }
    const at = le === '+Inf' ? Infinity : Number(le);
    if (at <= bound || Number(value) < before)
      problems.push(`${name}: buckets do not ascend at ${le}`);
    bound = at;
    before = Number(value);
  }
  return problems;
}

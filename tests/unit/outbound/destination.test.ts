import { describe, expect, it } from 'vitest';
import { destinationOf } from '../../../src/outbound/destination.ts';

const problemOf = (url: string, allowHosts: string[] = []) => {
  const found = destinationOf(url, allowHosts);
  return 'problem' in found ? found.problem : null;
};
const isGood = (url: string, allowHosts: string[] = []) => problemOf(url, allowHosts) === null;

describe('where a request may go', () => {
  it('is over https, to a name or a public address', () => {
    expect(
      [
        'https://push.example.com/x?y=z',
        'https://push.example.com:8443/x',
        'https://8.8.8.8/',
        'https://[2606:4700:4700::1111]/',
        'HTTPS://PUSH.EXAMPLE.COM/',
      ].filter((url) => !isGood(url)),
    ).toEqual([]);
  });

  it('is no private address, however it is spelled', () => {
    const urls = [
      'https://127.0.0.1/',
      'https://127.1/',
      'https://2130706433/',
      'https://0x7f000001/',
      'https://0x7f.1/',
      'https://017700000001/',
      'https://0177.0.0.1/',
      'https://127.0.0.1./',
      'https://１２７.0.0.1/',
      'https://127。0。0。1/',
      'https://[::1]/',
      'https://[::ffff:127.0.0.1]/',
      'https://[::ffff:7f00:1]/',
      'https://[64:ff9b::10.0.0.1]/',
      'https://[2002:7f00:1::]/',
      'https://[fe80::1]/',
      'https://169.254.169.254/latest/meta-data',
      'https://0/',
    ];
    expect(urls.filter((url) => isGood(url))).toEqual([]);
  });

  it('is told in words that hold nothing of the path', () => {
    expect(
      [
        'no url',
        'http://push.example.com/secret',
        'ftp://push.example.com/secret',
        'file:///etc/passwd',
        'https://me:secret@push.example.com/secret',
        'https://secret@push.example.com/',
        'https://10.0.0.1/secret',
        '',
        'https://',
      ].map((url) => problemOf(url)),
    ).toEqual([
      'The address is not a URL.',
      'The address at push.example.com is not https, and push.example.com is not in allowHosts.',
      'The address must begin with https://.',
      'The address must begin with https://.',
      'The address at push.example.com has a name or password in it: that is not sent.',
      'The address at push.example.com has a name or password in it: that is not sent.',
      '10.0.0.1 is a private address, and not in allowHosts.',
      'The address is not a URL.',
      'The address is not a URL.',
    ]);
  });

  it('may be private and plain where it is allowed by host, or by host and port', () => {
    const tries: [string, string[], boolean][] = [
      ['http://127.0.0.1:8080/', ['127.0.0.1'], true],
      ['http://127.0.0.1:8080/', ['127.0.0.1:8080'], true],
      ['http://127.0.0.1:8081/', ['127.0.0.1:8080'], false],
      ['http://127.0.0.1/', ['127.0.0.1:80'], true],
      ['https://10.0.0.1/', ['10.0.0.1:443'], true],
      ['https://10.0.0.1/', ['10.0.0.1:80'], false],
      ['http://[::1]:8080/', ['::1'], true],
      ['http://[::1]:8080/', ['[::1]:8080'], true],
      ['http://[::1]:8080/', ['[::1]'], true],
      ['http://[::1]:8081/', ['[::1]:8080'], false],
      ['http://ntfy.home.arpa/', ['NTFY.home.arpa'], true],
      ['http://ntfy.home.arpa./', ['ntfy.home.arpa'], true],
      ['http://ntfy.home.arpa/', ['home.arpa'], false],
      ['http://evil-ntfy.home.arpa/', ['ntfy.home.arpa'], false],
      ['http://2130706433:8080/', ['127.0.0.1:8080'], true],
      ['http://10.0.0.1/', ['', '*', 'http://10.0.0.1', '10.0.0.1/', 'x@10.0.0.1'], false],
      ['http://me@10.0.0.1/', ['10.0.0.1'], false],
    ];
    expect(tries.map(([url, hosts]) => [url, hosts, isGood(url, hosts)])).toEqual(tries);
  });
});

import { describe, expect, test } from 'vitest';
import { appFile } from '../../../../src/main/windows/app-files.ts';

describe('the app scheme', () => {
  test.each([
    ['porchlight://app/', '/page/index.html', 'text/html; charset=utf-8'],
    ['porchlight://app/index.html?x=1#y', '/page/index.html', 'text/html; charset=utf-8'],
    ['porchlight://app/assets/a%20b.js', '/page/assets/a b.js', 'text/javascript; charset=utf-8'],
    ['porchlight://app/../../index.html', '/page/index.html', 'text/html; charset=utf-8'],
  ])('serves %s', (url, path, type) => {
    expect(appFile(url, '/page')).toEqual({ path, type });
  });

  test.each([
    'porchlight://app/%2e%2e%2fsecret.json',
    'porchlight://app/..%2f..%2fetc/passwd.json',
    'porchlight://app/..%2fpagesecret/x.json',
    'porchlight://app/..%5csecret.json',
    'porchlight://app/a%00.html',
    'porchlight://app/%ff.html',
    'porchlight://app/secret',
    'porchlight://app/secret.key',
    'porchlight://other/index.html',
    'file:///page/index.html',
    'https://app/index.html',
    'nonsense',
  ])('refuses %s', (url) => {
    expect(appFile(url, '/page')).toBeNull();
  });
});

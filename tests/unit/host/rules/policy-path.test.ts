import { describe, expect, it } from 'vitest';
import { policyPlaceFor } from '../../../../src/host/rules/policy-path.ts';
import { sddlProblem } from '../../../../src/host/rules/policy-path.windows.ts';

describe("the place of the administrator's policy", () => {
  it('is the one of the platform', () => {
    expect(
      (['linux', 'darwin', 'win32'] as const).map((each) => policyPlaceFor(each).path),
    ).toEqual([
      '/etc/porchlight/policy.json',
      '/Library/Application Support/Porchlight/policy.json',
      'C:\\ProgramData\\Porchlight\\policy.json',
    ]);
  });

  it('is believed on Windows where only administrators and the system may write', () => {
    const good = [
      'O:BAG:SYD:PAI(A;;FA;;;SY)(A;;FA;;;BA)(A;;0x1200a9;;;BU)',
      'O:SYG:SYD:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;FR;;;BU)',
      'O:BAG:BAD:P(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)(A;OICIIO;GA;;;CO)(A;OICI;0x1200a9;;;AU)',
      'O:S-1-5-32-544G:BAD:P(A;;FA;;;S-1-5-18)(D;;FA;;;WD)',
    ];
    expect(good.map(sddlProblem)).toEqual(good.map(() => null));
  });

  it('is not believed where others own it or may write', () => {
    expect([
      // What ProgramData passes on to a folder that a user made there.
      sddlProblem(
        'O:S-1-5-21-1-2-3-1001G:S-1-5-21-1-2-3-513D:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIIOID;GA;;;CO)(A;OICIID;0x1200a9;;;BU)(A;CIID;DCLCRPCR;;;BU)',
      ),
      sddlProblem('O:BAG:SYD:AI(A;OICIID;FA;;;BA)(A;CIID;DCLCRPCR;;;BU)'),
      sddlProblem('O:BAG:SYD:(A;;FA;;;WD)'),
      sddlProblem('O:BAG:SYD:(A;;0x1301bf;;;AU)'),
      sddlProblem('O:BAG:SYD:(A;;FW;;;S-1-5-21-1-2-3-1001)'),
      sddlProblem('O:BAG:SY'),
      sddlProblem(''),
    ]).toEqual([
      'does not belong to the administrators: make them its owner',
      'can be written by others (BU): take that right away',
      'can be written by others (WD): take that right away',
      'can be written by others (AU): take that right away',
      'can be written by others (S-1-5-21-1-2-3-1001): take that right away',
      'has no access list: everybody may write it',
      'does not belong to the administrators: make them its owner',
    ]);
  });
});

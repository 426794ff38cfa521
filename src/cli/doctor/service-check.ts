import { serviceHere, serviceWords } from '../service/service-here.ts';
import { bad, fine, type Check, type DoctorWorld, type Finding } from './check.ts';

const INSTALL = 'porchlight service install';

/** Whether sessions come back after a reboot without anybody there. */
export const serviceCheck: Check = { check: 'service', matters: false, look: service };

async function service({ cli, run, platform }: DoctorWorld): Promise<Finding> {
  const status = await serviceHere(cli, { run, platform }).status();
  const { installed, enabled, current, remarks } = status;
  if (!installed) return bad('does not start by itself after a reboot', INSTALL);
  if (!enabled) return bad('installed, and switched off', INSTALL);
  if (!current) return bad('starts another build than this one', INSTALL);
  const [remark] = remarks;
  if (remark === undefined) return fine(serviceWords(status));
  const [detail = '', fix = INSTALL] = remark.split(/: (?=sudo )/u);
  return bad(detail, fix);
}

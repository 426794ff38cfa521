import { ROLES, type Role } from '../../../src/protocol/devices.ts';
import { pairing as t } from '../../strings/pairing.ts';
import '../../ui/field.css';

export interface RoleChoiceProps {
  readonly role: Role;
  readonly onRole: (role: Role) => void;
  readonly disabled: boolean;
}

export function RoleChoice({ role, onRole, disabled }: RoleChoiceProps) {
  return (
    <fieldset className="field pair-roles" disabled={disabled}>
      <legend className="field-label">{t.role}</legend>
      {ROLES.map((one) => (
        <label key={one} className="tick">
          <input
            type="radio"
            name="role"
            value={one}
            checked={one === role}
            onChange={() => onRole(one)}
          />
          <span>
            {t.roles[one]} <span className="field-hint">{t.roleHints[one]}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** Electron channel names. Apart from the table so that the preload carries no schemas. */
export const CALL_CHANNEL = 'porchlight:call';
export const TARGET_CHANNEL = 'porchlight:target';
export const OPEN_HOST_PORT_CHANNEL = 'porchlight:open-host-port';
export const HOST_PORT_MESSAGE = 'porchlight:host-port';

/** Of this app, as hosts are told. */
export const VERSION = '0.1.0';

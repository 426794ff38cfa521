/** What a page says to a new version that waits. */
export const TAKE_OVER = { always: 'porchlight.takeOver', ifAlone: 'porchlight.takeOverIfAlone' };

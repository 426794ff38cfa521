/** Where the first script leaves the link's fragment, and the event that says so. */
export const OFFER_KEY = 'porchlight-offer';

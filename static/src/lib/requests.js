// Requests without htmx.

/** Requests a part of a page as htmx does. Rejects if there is no answer within 10 seconds. */
export const fetchFragment = address => fetch(address, {
  headers: { 'HX-Request': 'true', 'HX-Request-Type': 'partial' }, signal: AbortSignal.timeout(10_000),
});

/** Reports whether a response says that the server or its database cannot be reached at the moment. */
export const isUnavailable = ({ status }) => status === 502 || status === 503 || status === 504;

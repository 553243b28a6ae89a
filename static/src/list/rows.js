// The rows of a list of tickets or of the queue.
const selector = 'tr[id^="row-"], li[id^="ticket-"]';

export const rows = () => [...document.querySelectorAll(selector)];
export const isRow = element => Boolean(element?.matches?.(selector));
export const heightOf = row => row.getBoundingClientRect().height;

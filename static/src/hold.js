// What comes must not move what somebody reads or writes. The browsers' own
// anchoring differs from one to the next, so app.css turns it off where this
// makes up for what moved.
const inSight = element => {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
};

function anchor() {
  const active = document.activeElement;
  if (active && active !== document.body && inSight(active)) return active;
  return scrollY > 0 ? document.elementFromPoint(innerWidth / 3, innerHeight / 3) : null;
}

/** Notes where the reader is; call the result once the page has changed. */
export function hold() {
  const held = anchor();
  const top = held?.getBoundingClientRect().top;
  return () => {
    if (held?.isConnected) scrollBy({ top: held.getBoundingClientRect().top - top, behavior: 'instant' });
  };
}

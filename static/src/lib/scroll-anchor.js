// Keeps what the user reads or writes at its position while the page changes. The
// scroll anchoring of browsers differs, so app.css turns it off where this is used.
const isVisible = element => {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
};

function findAnchor() {
  const active = document.activeElement;
  if (active && active !== document.body && isVisible(active)) return active;
  return scrollY > 0 ? document.elementFromPoint(innerWidth / 3, innerHeight / 3) : null;
}

/** Records the position of the page. Call the returned function after the change to restore it. */
export function holdPosition() {
  const anchor = findAnchor();
  const top = anchor?.getBoundingClientRect().top;
  return () => {
    if (anchor?.isConnected) scrollBy({ top: anchor.getBoundingClientRect().top - top, behavior: 'instant' });
  };
}

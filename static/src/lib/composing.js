/** Reports whether an input method handles the key of an event: it has isComposing, in Safari keyCode 229. */
export const isComposing = event => event.isComposing || event.keyCode === 229;

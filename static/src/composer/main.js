// The comment form of a ticket (composer.js). It is loaded when the user turns to the form.
import '../lib/character-count.js';
import '../uploads/main.js';
import './mentions.js';

// What every page has: fragments, dialogs, menus, the palette, keys, news, and the word about the connection.
import './parts/fragments.js';
import './parts/connection.js';
import './parts/dialogs.js';
import './parts/menus.js';
import './parts/palette.js';
import './parts/keys.js';
import './parts/live.js';
import { localise } from './parts/times.js';

localise();
document.addEventListener('htmx:load', ({ detail }) => localise(detail.elt));
document.documentElement.dataset.ready = '';

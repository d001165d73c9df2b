// Shows where an instance stands, in every [data-diagram] of the page and of what htmx brings later.
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './css/viewer.css';

import { forget, show } from './parts/diagram.js';

function showAll(within) {
  if (within.matches?.('[data-diagram]')) show(within);
  for (const host of within.querySelectorAll('[data-diagram]')) show(host);
}

document.addEventListener('htmx:load', ({ target }) => showAll(target));
document.addEventListener('htmx:beforeCleanupElement', ({ target }) => forget(target));
showAll(document);

// The approver's desk: open, decide, go on; what others do is seen as it happens.
import './parts/inbox/bulk.js';
import * as pane from './parts/inbox/pane.js';
import * as rows from './parts/inbox/rows.js';
import { onKey } from './parts/keys.js';
import { forgetUndo, offerUndo } from './parts/toasts.js';
import { text } from './parts/strings.js';

const list = document.querySelector('[data-list]');

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('[data-row]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  pane.open(link);
});

function move(step) {
  const focused = document.activeElement?.closest?.('li.row')?.querySelector('[data-row]');
  const link = rows.neighbour(step, focused?.dataset.item);
  if (!link) return;
  link.focus();
  if (rows.hasList() && matchMedia('(width > 56rem)').matches) pane.open(link);
}
onKey('j', () => move(1));
onKey('k', () => move(-1));

list?.addEventListener('pointerover', ({ target }) => pane.preload(target.closest?.('[data-row]')));

// A decision was posted and is held: it can be taken back, and the next item opens meanwhile.
document.addEventListener('placet:held', ({ detail }) => {
  rows.dim(detail.item, text('held'));
  pane.forget();
  offerUndo(detail, (html) => undone(detail.item, html), () => settled(detail.item));
  const next = rows.hasList() ? rows.nextOpen(detail.item) : null;
  if (next) pane.open(next);
});

// The button beside the item takes back what the toast counts down.
document.addEventListener('htmx:afterRequest', ({ detail }) => {
  const [, item] = detail.requestConfig.path.match(/^\/inbox\/([^/]+)\/undo$/) ?? [];
  if (!item || !detail.successful) return;
  forgetUndo(item);
  if (list) rows.refresh();
});

// What stands in the comment goes with the decision, which would else throw it away.
document.addEventListener('htmx:configRequest', ({ detail }) => {
  const words = document.getElementById('comment-text')?.value.trim();
  if (words && detail.path.endsWith('/complete') && !detail.parameters.comment) detail.parameters.comment = words;
});

// Ctrl+Enter in a text: a dialog's own button, else the filled decision, else the comment alone.
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  if (!event.target.matches('#detail textarea')) return;
  event.preventDefault();
  const filled = event.target.closest('dialog') ? null : document.querySelector('#detail .decide form:has(.btn.go)');
  (filled ?? event.target.form).requestSubmit();
});

function undone(id, html) {
  if (html) {
    rows.setCurrent(id);
    pane.show(html, id);
  }
  if (list) rows.refresh();
}

// The relay puts it in force a moment later; a page without a stream of changes looks by itself.
function settled(id) {
  setTimeout(() => {
    if (pane.shownItem()?.dataset.shown === id) pane.reload();
    if (list) rows.refresh();
  }, 1_000);
}

function noteChanges({ detail }) {
  const changes = detail?.changes ?? [null];
  if (list) rows.refresh().catch(() => {});
  pane.noteChange(changes.includes(null) ? null : changes.map(({ subject }) => subject)).catch(() => {});
}
list?.addEventListener('refresh', noteChanges);
document.querySelector('[data-live-item]')?.addEventListener('refresh', noteChanges);

// What was fetched ahead lacks the comment; an open item's own timeline is put in anew by itself.
document.querySelector('[data-live-forget]')?.addEventListener('refresh', () => pane.forget());

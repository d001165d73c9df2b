// The order's form: totals and approvers are shown as it is typed, and a draft is kept all the while.
import { askJson, RefusedError } from './parts/asking.js';
import { later } from './parts/dom.js';
import { Draft } from './parts/order/draft.js';
import * as lines from './parts/order/lines.js';
import * as offers from './parts/order/offers.js';
import { warn } from './parts/saying.js';
import { text } from './parts/strings.js';

const PREVIEW_AFTER = 300;
const form = document.querySelector('[data-order-form]');
const state = document.querySelector('[data-save-state]');
const conflict = document.querySelector('[data-conflict]');
const wrong = document.querySelector('[data-wrong]');
const preview = document.querySelector('[data-preview]');
const foreseen = document.querySelector('[data-risk]');
let asked = 0;

function read() {
  const { title, wanted_on: wantedOn, note } = form.elements;
  const named = title.value.trim() ? { title: title.value.trim() } : {};
  return { ...named, wanted_on: wantedOn.value || null, note: note.value, lines: lines.read() };
}

function write({ title, wanted_on: wantedOn, note, lines: given }) {
  form.elements.title.value = title ?? '';
  form.elements.wanted_on.value = wantedOn ?? '';
  form.elements.note.value = note ?? '';
  lines.write(given ?? []);
}

function tell(name, words = '', fields = {}) {
  const shown = { saving: text('saving'), saved: text('saved'), failed: text('failed'), conflict: text('failed') };
  state.textContent = shown[name];
  state.className = `tag ${name === 'failed' || name === 'conflict' ? 'bad' : ''}`;
  state.dataset.saveState = name;
  conflict.hidden = name !== 'conflict';
  wrong.hidden = name !== 'failed';
  wrong.querySelector('span').textContent = words;
  if (name !== 'saving') lines.mark(fields);
}

const draft = new Draft(form, read, tell);

const foresee = later(PREVIEW_AFTER, async () => {
  asked += 1;
  const mine = asked;
  try {
    const body = { ...read(), customer_id: form.dataset.customer, currency: form.dataset.currency };
    const { html, risk, totals } = await askJson(form.dataset.previewUrl, { method: 'POST', body });
    if (mine !== asked) return;
    preview.innerHTML = html;
    foreseen.innerHTML = risk;
    foreseen.hidden = !risk;
    preview.removeAttribute('data-stale');
    document.querySelectorAll('[data-total]').forEach((each) => { each.textContent = totals[each.dataset.total]; });
    lines.showNets(totals);
  } catch (error) {
    if (mine === asked) preview.dataset.stale = error instanceof RefusedError ? 'refused' : 'offline';
  }
});

form.addEventListener('input', () => {
  draft.touch();
  foresee();
  offers.follow();
});

// What acts on the order acts on what is typed: it is saved first.
document.querySelectorAll('[data-after-saving]').forEach((deed) => deed.addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = deed.querySelector('button');
  if (button.getAttribute('aria-busy') === 'true') return;
  button.setAttribute('aria-busy', 'true');
  const kept = await draft.save();
  if (kept) deed.submit();
  else {
    deed.closest('dialog')?.close();
    warn(text(deed.dataset.afterSaving), text('notSubmittedWhy'));
  }
  button.removeAttribute('aria-busy');
}));

conflict.querySelector('[data-theirs]').addEventListener('click', () => {
  draft.discard();
  location.reload();
});
conflict.querySelector('[data-mine]').addEventListener('click', () => draft.overwrite());

draft.restore(write);
foresee();
form.dataset.ready = '';

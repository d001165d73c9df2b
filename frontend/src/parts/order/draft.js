// Keeps a draft as it is typed: on the server under its version, on this device while there is no connection.
import { ask, RefusedError } from '../asking.js';
import { noteFailure, noteSuccess } from '../connection.js';
import { later } from '../dom.js';
import { text } from '../strings.js';
import { problems } from './problems.js';

const SAVE_AFTER = 700;
const TRY_AGAIN = 5_000;

// `read` returns what the form holds; `tell` is called with a state: saving, saved, failed, conflict.
export class Draft {
  #form; #read; #tell; #key;
  #changed = 0;
  #saved = 0;
  #inFlight = null;
  #stopped = false;
  #soon = later(SAVE_AFTER, () => this.save());

  constructor(form, read, tell) {
    this.#form = form;
    this.#read = read;
    this.#tell = tell;
    this.#key = `placet.draft.${form.dataset.autosaveUrl}`;
    document.addEventListener('placet:online', () => this.save());
    window.addEventListener('beforeunload', (event) => this.isDirty && event.preventDefault());
  }

  get isDirty() {
    return this.#changed !== this.#saved;
  }

  touch() {
    this.#changed += 1;
    if (!this.#stopped) this.#tell('saving');
    this.#soon();
  }

  // Says whether all that was typed is on the server now.
  async save() {
    while (this.isDirty && !this.#stopped) {
      this.#inFlight ??= this.#send().finally(() => { this.#inFlight = null; });
      if (!(await this.#inFlight)) return false;
    }
    return !this.isDirty;
  }

  async #send() {
    const at = this.#changed;
    const body = this.#read();
    try {
      const headers = { 'If-Match': `"${this.#form.dataset.version}"` };
      const answer = await ask(this.#form.dataset.autosaveUrl, { method: 'PATCH', body, headers });
      this.#form.dataset.version = (await answer.json()).version;
      this.#saved = at;
      this.#forget();
      noteSuccess();
      this.#tell(this.isDirty ? 'saving' : 'saved');
      return true;
    } catch (error) {
      this.#keep(body);
      this.#explain(error);
      return false;
    }
  }

  #explain(error) {
    if (!(error instanceof RefusedError)) {
      noteFailure();
      this.#tell('failed', text('keptHere'));
      setTimeout(() => this.save(), TRY_AGAIN);
    } else if (error.status === 412 || error.status === 409) {
      this.#stopped = true;
      this.#tell('conflict', error.message);
    } else {
      const fields = flat(error.fields);
      this.#tell('failed', Object.keys(fields).length ? problems(fields) : error.message, fields);
    }
  }

  // After a conflict: what is typed here goes over what the other has saved.
  async overwrite() {
    const theirs = await (await ask(this.#form.dataset.autosaveUrl)).json();
    this.#form.dataset.version = theirs.version;
    this.#stopped = false;
    return this.save();
  }

  #keep(body) {
    localStorage.setItem(this.#key, JSON.stringify({ version: this.#form.dataset.version, body }));
  }

  #forget() {
    localStorage.removeItem(this.#key);
  }

  // What was typed here and never reached the server; where somebody saved since, the reader must choose.
  restore(write) {
    const found = JSON.parse(localStorage.getItem(this.#key) ?? 'null');
    if (!found) return false;
    write(found.body);
    this.#stopped = found.version !== this.#form.dataset.version;
    this.touch();
    if (this.#stopped) this.#tell('conflict');
    return true;
  }

  discard() {
    this.#forget();
    this.#saved = this.#changed;
  }
}

// {lines: {0: {quantity: [why]}}} by the field's path: lines.0.quantity
function flat(fields, path = '') {
  return Object.entries(fields).reduce((found, [name, inside]) => {
    const here = path ? `${path}.${name}` : name;
    return inside && typeof inside === 'object' && !Array.isArray(inside)
      ? { ...found, ...flat(inside, here) } : { ...found, [here]: inside };
  }, {});
}

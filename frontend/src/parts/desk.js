// What both editors do with their drafts: save, guard, check, publish, and say how it went.
import { findingsIn } from './findings.js';
import { send } from './server.js';
import { clock } from './times.js';
import { say } from './words.js';

const PAUSE = 700; // milliseconds

export class Desk {
  // `root` is the editor's element with its addresses; `choose` shows an element that a finding names;
  // `rehearse` is called when the question before publishing stands there, `found` with what a check found.
  constructor(root, drafts, { choose, nameOf, rehearse = () => {}, found = () => {} }) {
    this.root = root;
    this.drafts = drafts;
    this.choose = choose;
    this.nameOf = nameOf;
    this.rehearse = rehearse;
    this.found = found;
    this.turn = 0;
    this.shown = '';
    this.isLeaving = false;
    this.find = (what) => document.querySelector(`[data-${what}]`);
    this.wire();
  }

  wire() {
    this.find('save').addEventListener('click', () => this.save());
    this.find('check').addEventListener('click', () => this.check());
    this.find('publish-open').addEventListener('click', () => this.openPublish());
    this.find('publish-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.publish(new FormData(event.target).get('note'));
    });
    document.addEventListener('keydown', (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') {
        event.preventDefault();
        this.save();
      }
    });
    window.addEventListener('beforeunload', (event) => {
      if (this.isDirty && !this.isLeaving) event.preventDefault();
    });
  }

  get isDirty() {
    return this.drafts.some((draft) => draft.isDirty);
  }

  touch(draft) {
    draft.isDirty = true;
    this.tellState(say('unsaved'));
  }

  // Saves what changed; false where it could not be saved, which is then said on the page.
  async save(how = 'save') {
    this.tellState(say('saving'));
    try {
      for (const draft of this.drafts.filter(({ isDirty }) => isDirty)) await draft[how]();
    } catch (error) {
      this.tellState(say('not_saved'));
      this.tellRefusal(error);
      return false;
    }
    this.hideBanner();
    this.showSaved();
    return true;
  }

  showSaved() {
    const { version } = this.drafts[0];
    const tag = this.find('state');
    if (version) tag.textContent = say('draft', { n: version });
    tag.classList.toggle('warn', this.drafts.some((draft) => draft.version > 0));
    this.tellState(this.isDirty ? say('unsaved') : say('saved', { time: clock(new Date()) }));
    for (const each of document.querySelectorAll('[data-discard]')) each.hidden = !this.drafts.some((draft) => draft.version > 0);
  }

  // Shows the findings; true where none keeps the content from being published.
  async check() {
    const list = this.find('findings');
    list.setAttribute('aria-busy', 'true');
    try {
      const findings = await this.findings();
      this.show(findings);
      return !findings.some(({ severity }) => severity === 'error');
    } catch (error) {
      this.tellRefusal(error);
      return false;
    } finally {
      list.removeAttribute('aria-busy');
    }
  }

  async findings() {
    this.turn += 1;
    return (await Promise.all(this.drafts.filter(({ name }) => !name.endsWith('.csv')).map((draft) => draft.check()))).flat();
  }

  // What is said already is not said again: whoever listens to the page would hear it with every key.
  show(findings) {
    const said = JSON.stringify(findings);
    if (said === this.shown) return;
    this.shown = said;
    findingsIn(this.find('findings'), findings, this);
    this.found(findings);
  }

  // Checks while somebody edits, once they pause; a check that cannot be made now is made after the next change.
  lookSoon() {
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.look(), PAUSE);
  }

  async look() {
    try {
      const asked = this.findings();
      const { turn } = this;
      const findings = await asked;
      if (turn === this.turn) this.show(findings);
    } catch {
      this.shown = '';
    }
  }

  async openPublish() {
    if (this.isDirty && !(await this.save())) return;
    if (!this.drafts.some(({ version }) => version > 0)) {
      this.tell(say('nothing_to_publish'));
      return;
    }
    if (!(await this.check())) {
      this.tell(say('errors_first'));
      this.find('findings').scrollIntoView({ block: 'nearest' });
      return;
    }
    this.hideBanner();
    this.find('publish-error').hidden = true;
    document.getElementById('publish').showModal();
    this.rehearse();
  }

  async publish(note) {
    const drafted = this.drafts.filter(({ version }) => version > 0);
    const versions = Object.fromEntries(drafted.map(({ name, version }) => [name, version]));
    const button = this.find('publish');
    button.disabled = true;
    try {
      await send('POST', this.root.dataset.publishUrl, { names: Object.keys(versions), note, versions });
      this.isLeaving = true;
      location.assign(this.root.dataset.afterUrl);
    } catch (error) {
      const said = this.find('publish-error');
      said.textContent = error.lines ? error.lines.join('\n') : say('no_connection');
      said.hidden = false;
      button.disabled = false;
    }
  }

  tellState(text) {
    this.find('save-state').textContent = text;
  }

  tellRefusal(error) {
    if (error.status === 412) this.tell(say('conflict'), [[say('load_theirs'), () => this.reload()], [say('save_mine'), () => this.save('saveOverTheirs')]]);
    else this.tell(error.lines ? error.lines.join('\n') : say('no_connection'));
  }

  reload() {
    this.isLeaving = true;
    location.reload();
  }

  tell(text, ways = []) {
    const banner = this.find('banner');
    const said = document.createElement('span');
    said.textContent = text;
    banner.replaceChildren(said, ...ways.map(([label, act]) => button(label, act)));
    banner.hidden = false;
    banner.scrollIntoView({ block: 'nearest' });
  }

  hideBanner() {
    this.find('banner').hidden = true;
  }
}

function button(label, act) {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = 'btn';
  made.textContent = label;
  made.addEventListener('click', act);
  return made;
}

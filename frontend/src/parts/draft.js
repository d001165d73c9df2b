// One file being drafted: its version is what we saw last, so that nobody's newer work is overwritten.
import { encode, read, send } from './server.js';

export class Draft {
  // `write` gives the content as it is on the screen now.
  constructor({ name, contentUrl, write }) {
    this.name = name;
    this.contentUrl = contentUrl;
    this.write = write;
    this.version = 0;
    this.isDirty = false;
  }

  get url() {
    return `/api/v1/processes/files/${this.name}`;
  }

  async load() {
    const { text, version } = await read(this.contentUrl);
    this.version = version;
    return text;
  }

  async save() {
    const content = encode(await this.write());
    this.isDirty = false; // what is typed while we wait for the answer is dirty again
    try {
      const saved = await send('PUT', this.url, { content }, { 'If-Match': `"${this.version}"` });
      this.version = saved.version;
    } catch (error) {
      this.isDirty = true;
      throw error;
    }
  }

  async saveOverTheirs() {
    this.version = (await read(this.contentUrl)).version;
    await this.save();
  }

  async check() {
    const { findings } = await send('POST', `${this.url}/check`, { content: encode(await this.write()) });
    return findings;
  }
}

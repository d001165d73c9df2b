// The diagram editor: bpmn.io's modeler with Camunda's properties, our approvals, drafts and publishing.
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css';
import '@bpmn-io/properties-panel/dist/assets/properties-panel.css';
import 'bpmn-js-bpmnlint/dist/assets/css/bpmn-js-bpmnlint.css';
import 'diagram-js-minimap/assets/diagram-js-minimap.css';
import './css/editor.css';

import { wireApproval } from './parts/approval-dialog.js';
import { Desk } from './parts/desk.js';
import { Draft } from './parts/draft.js';
import { makeModeler, reveal } from './parts/modeler.js';
import { say } from './parts/words.js';

const root = document.getElementById('editor');

async function open() {
  const modeler = await makeModeler(root, document.documentElement.lang);
  const registry = modeler.get('elementRegistry');
  const draft = new Draft({
    name: root.dataset.name,
    contentUrl: root.dataset.contentUrl,
    write: async () => (await modeler.saveXML({ format: true })).xml,
  });
  const desk = new Desk(root, [draft], {
    choose: (id) => reveal(modeler, id),
    nameOf: (id) => (registry.get(id) ? registry.get(id).businessObject.name || id : null),
  });
  const { warnings } = await modeler.importXML(await draft.load());
  if (warnings.length) desk.tell(warnings.map(({ message }) => message).join('\n'));
  showWhole(modeler.get('canvas'));
  modeler.on('commandStack.changed', () => desk.touch(draft));
  wireApproval(modeler, desk);
}

// Beside the palette, which lies over the canvas; a long diagram rather leaves the view than become unreadable.
function showWhole(canvas) {
  const [palette, margin] = [130, 30];
  const { inner, outer } = canvas.viewbox();
  const across = (outer.width - palette - margin) / inner.width;
  const down = (outer.height - 2 * margin) / inner.height;
  const scale = Math.max(0.65, Math.min(1, across, down));
  const [width, height] = [outer.width / scale, outer.height / scale];
  canvas.viewbox({ x: inner.x - palette / scale, y: inner.y - Math.max(margin, (height - inner.height) / 2), width, height });
}

root.setAttribute('aria-busy', 'true');
open()
  .then(() => { root.dataset.ready = 'yes'; })
  .catch((error) => {
    const banner = document.querySelector('[data-banner]');
    banner.textContent = `${say('not_loaded')} ${error.message}`;
    banner.hidden = false;
  })
  .finally(() => root.removeAttribute('aria-busy'));

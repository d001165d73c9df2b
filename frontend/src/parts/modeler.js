// bpmn.io's modeler, composed of the parts that draw what Placet executes.
import BpmnModeler from 'bpmn-js/lib/Modeler';
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, CamundaPlatformPropertiesProviderModule } from 'bpmn-js-properties-panel';
import lintModule from 'bpmn-js-bpmnlint';
import { CreateAppendAnythingModule } from 'bpmn-js-create-append-anything';
import camundaBehaviors from 'camunda-bpmn-js-behaviors/lib/camunda-platform';
import camunda from 'camunda-bpmn-moddle/resources/camunda.json';
import minimapModule from 'diagram-js-minimap';
import { implementations, rules } from 'placet:lint-rules';

import { translation } from './translate.js';

const DICTIONARIES = [
  async () => (await import('bpmn-js-i18n/translations/zn.js')).default,
  async () => (await import('./zh-properties.js')).default,
  async () => (await import('./zh-elements.js')).default,
];
// Good style is advice: what cannot be executed is said by the check, and only that keeps from publishing.
const advice = Object.fromEntries(Object.entries(rules).map(([name, level]) => [name, level === 'off' ? 'off' : 'warn']));
const bpmnlint = { config: { rules: advice }, resolver: { resolveRule: (_, name) => implementations[name] } };

export async function makeModeler(root, language) {
  return new BpmnModeler({
    container: root.querySelector('[data-canvas]'),
    propertiesPanel: { parent: root.querySelector('[data-properties]') },
    moddleExtensions: { camunda },
    textRenderer: { defaultStyle: { fontFamily: getComputedStyle(document.body).fontFamily } },
    linting: { bpmnlint, active: false },
    additionalModules: [
      BpmnPropertiesPanelModule,
      BpmnPropertiesProviderModule,
      CamundaPlatformPropertiesProviderModule,
      camundaBehaviors,
      CreateAppendAnythingModule,
      lintModule,
      minimapModule,
      await translation(language, DICTIONARIES),
    ],
  });
}

// Selects an element and brings it into view; a process or a definition without a shape has none.
export function reveal(modeler, id) {
  const element = modeler.get('elementRegistry').get(id);
  if (!element) return;
  const canvas = modeler.get('canvas');
  if (element !== canvas.getRootElement()) canvas.scrollToElement(element, 160);
  modeler.get('selection').select(element);
}

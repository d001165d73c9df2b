// Asks a process owner the few things that make a step an approval, in their words.
import { makeApproval } from './approval-step.js';
import { say } from './words.js';

const TASK = /^bpmn:(Task|UserTask|ManualTask)$/;
const ENDS = /^bpmn:(EndEvent|ExclusiveGateway|Task|UserTask|ScriptTask|ServiceTask|SendTask)$/;

export function wireApproval(modeler, desk) {
  const dialog = document.getElementById('approval');
  const form = dialog.querySelector('form');
  let where = null;

  document.querySelector('[data-approval]').addEventListener('click', () => {
    where = chosen(modeler);
    if (!where) {
      desk.tell(say('choose_step'));
      return;
    }
    desk.hideBanner();
    fill(form, modeler, where);
    dialog.showModal();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const step = makeApproval(modeler, where, planOf(form));
    dialog.close();
    modeler.get('selection').select(step);
    modeler.get('canvas').scrollToElement(step, 120);
  });
}

function chosen(modeler) {
  const [only, ...others] = modeler.get('selection').get();
  if (!only || others.length) return null;
  const meant = only.labelTarget ?? only; // a flow's word stands for the flow
  const { $type: type } = meant.businessObject;
  return type === 'bpmn:SequenceFlow' || TASK.test(type) ? meant : null;
}

function fill(form, modeler, where) {
  const what = where.waypoints ? {} : where.businessObject;
  form.elements.name.value = what.name || say('approve');
  if (what.candidateGroups) form.elements.team.value = what.candidateGroups;
  if (!form.elements.team.value) form.elements.team.selectedIndex = 0;
  const places = modeler.get('elementRegistry').filter((each) => isPlace(each, where));
  const options = places.map((each) => new Option(each.businessObject.name, each.id));
  form.elements.otherwise.replaceChildren(new Option(say('drawn'), ''), ...options);
}

function isPlace({ id, labelTarget, businessObject: what }, where) {
  return !labelTarget && id !== where.id && ENDS.test(what?.$type || '') && Boolean(what.name);
}

function planOf(form) {
  const { name, team, days, reason, otherwise } = Object.fromEntries(new FormData(form));
  return {
    name: name.trim(),
    team,
    days: Number(days),
    reason: reason.trim(),
    otherwise,
    labels: { question: say('was_approved'), yes: say('yes'), no: say('no') },
  };
}

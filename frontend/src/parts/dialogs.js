// Dialogs are the browser's own: modal, closed by Escape, and they give the focus back.
document.addEventListener('click', (event) => {
  const opener = event.target.closest?.('[data-open-dialog]');
  if (opener) {
    // A letter presses a button that has no focus: the dialog would give it back to nobody.
    opener.focus({ preventScroll: true });
    openDialog(opener.dataset.openDialog);
  }
  const closer = event.target.closest?.('[data-close-dialog]');
  closer?.closest('dialog')?.close();
});

// A click beside the dialog closes it, unless something was typed in it.
document.addEventListener('click', ({ target }) => {
  if (target instanceof HTMLDialogElement && ![...target.querySelectorAll('textarea, input')].some((f) => f.value)) {
    target.close();
  }
});

export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!(dialog instanceof HTMLDialogElement) || dialog.open) return;
  document.querySelectorAll('[popover]:popover-open').forEach((menu) => menu.hidePopover());
  dialog.showModal();
  dialog.dispatchEvent(new CustomEvent('placet:opened'));
}

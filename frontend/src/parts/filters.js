// Filters beside a search take half of a phone: there they are folded, unless one of them is set.
const phone = matchMedia('(width <= 56rem)');
const isSet = (field) => (field.type === 'checkbox' ? field.checked : field.value !== '' && !field.matches('select[name=by]'));

function fold() {
  document.querySelectorAll('details.filters').forEach((each) => {
    each.open = !phone.matches || [...each.querySelectorAll('input, select')].some(isSet);
  });
}

phone.addEventListener('change', fold);
fold();

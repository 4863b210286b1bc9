// Names the countries of a list in the reader's language, and puts them in its order.

const { lang } = document.documentElement;
const names = new Intl.DisplayNames(lang, { type: "region" });

for (const select of document.querySelectorAll<HTMLSelectElement>("select[data-regions]")) {
  const [none, ...countries] = select.options;
  for (const option of countries) option.text = names.of(option.value) ?? option.text;
  countries.sort((one, other) => one.text.localeCompare(other.text, lang));
  const { value } = select;
  select.replaceChildren(none!, ...countries);
  select.value = value;
}

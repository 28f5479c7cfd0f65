"use strict";
// Filters and orders the clips. The page is complete without it; it only hides, sorts and writes text, never markup.
(() => {
  const byId = (id) => document.getElementById(id);
  const list = byId("list"), form = byId("filters");
  if (!list) return;
  const metric = byId("metric"), status = byId("status"), search = byId("search");
  const clips = Array.from(list.children, (element) => ({ element, values: JSON.parse(element.dataset.values) }));

  const span = (text, kind) => {
    const made = document.createElement("span");
    made.textContent = text;
    if (kind) made.className = kind;
    return made;
  };

  const showChange = ({ element, values }) => {
    const value = values[metric.value], place = element.querySelector(".change");
    place.replaceChildren();
    if (!value) return;
    place.append(span(value.values));
    if (value.difference) place.append(span(value.difference, value.tone));
    if (value.status) place.append(span(value.status, "status status-" + value.status.replaceAll(" ", "-")));
  };

  const rank = ({ values }) => (values[metric.value] ? values[metric.value].rank : Infinity);
  const order = () => {
    clips.sort((left, right) => rank(left) - rank(right));
    list.append(...clips.map((clip) => clip.element));
    clips.forEach(showChange);
  };

  const matches = ({ element, values }) => {
    const value = values[metric.value];
    if (!value) return false;
    if (status.value === "changed" ? !value.changed : status.value && value.status !== status.value) return false;
    const words = search.value.normalize("NFC").toLowerCase().split(/\s+/).filter(Boolean);
    const text = element.textContent.normalize("NFC").toLowerCase();
    return words.every((word) => text.includes(word));
  };

  const filter = () => {
    let shown = 0;
    for (const clip of clips) {
      clip.element.hidden = !matches(clip);
      shown += !clip.element.hidden;
    }
    byId("count").textContent = `${shown} of ${clips.length} clips`;
    byId("none").hidden = shown > 0;
  };

  const reset = () => { status.value = ""; search.value = ""; filter(); };

  // A link to a clip that a filter hides shows it all the same.
  const follow = () => {
    const target = clips.find(({ element }) => "#" + element.id === location.hash);
    if (!target) return;
    if (target.element.hidden) {
      reset();
      if (target.element.hidden) metric.value = Object.keys(target.values)[0], order(), filter();
    }
    target.element.scrollIntoView();
    target.element.focus({ preventScroll: true });
  };

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  metric.addEventListener("change", () => { order(); filter(); });
  status.addEventListener("change", filter);
  search.addEventListener("input", filter);
  byId("reset").addEventListener("click", reset);
  window.addEventListener("hashchange", follow);
  // One clip at a time.
  document.addEventListener("play", (event) => {
    for (const other of document.querySelectorAll("audio")) if (other !== event.target) other.pause();
  }, true);
  order();
  filter();
  follow();
})();

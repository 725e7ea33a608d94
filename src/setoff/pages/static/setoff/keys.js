// Keys for everything: an element with data-key="g d" is followed, pressed or focused when these keys are typed outside a field.
// "?" shows them all. Small habits of every page stand here too: data-submit sends its form on change, data-print prints.

const isField = (element) => element.matches("input, select, textarea, [contenteditable]");
const WAIT = 900;
let typed = [];
let last = 0;

function shown(element) {
  return element.offsetParent !== null || element.closest(".menu, .person") !== null;
}

function act(element) {
  if (isField(element)) {
    element.focus();
    element.select?.();
  } else {
    element.click();
  }
}

// What the page itself offers comes before the menu where both use a key.
function keyed() {
  const own = [...document.querySelectorAll("main [data-key]")];
  const taken = new Set(own.map((element) => element.dataset.key));
  return [...own, ...[...document.querySelectorAll("[data-key]:not(main *)")].filter((element) => !taken.has(element.dataset.key))];
}

// The words of a button without the key that is printed on it, the label of a field.
function meaning(element) {
  const label = element.labels?.[0];
  const said = element.dataset.keyText || element.getAttribute("aria-label");
  if (said) return said;
  const words = (label?.querySelector("span") ?? label ?? element).cloneNode(true);
  for (const cap of words.querySelectorAll("kbd")) cap.remove();
  return words.textContent.trim() || element.getAttribute("placeholder") || "";
}

function help() {
  const dialog = document.getElementById("keys");
  const list = dialog?.querySelector("dl");
  if (!list) return;
  list.replaceChildren();
  const chords = [...document.querySelectorAll("main [aria-keyshortcuts]:not([data-key])")].filter(shown);
  for (const element of [...chords, ...keyed().filter(shown)]) {
    const term = document.createElement("dt");
    const keys = element.dataset.key?.split(" ") ?? element.getAttribute("aria-keyshortcuts").replace("Control", "Ctrl").split("+");
    for (const key of keys) {
      const cap = document.createElement("kbd");
      cap.textContent = key;
      term.append(cap, " ");
    }
    const told = document.createElement("dd");
    told.textContent = meaning(element);
    list.append(term, told);
  }
  dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isField(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "?") {
    help();
    return;
  }
  if (event.timeStamp - last > WAIT) typed = [];
  last = event.timeStamp;
  typed.push(event.key);
  const said = typed.join(" ");
  const known = keyed().filter(shown);
  const found = known.find((element) => element.dataset.key === said) ?? known.find((element) => element.dataset.key === event.key);
  if (found) {
    typed = [];
    event.preventDefault();
    act(found);
  }
});

// One check after another, so that the server is never asked to do all of them at once.
async function runAll() {
  for (const form of [...document.querySelectorAll("form.run")]) {
    const done = new Promise((resolve) => form.addEventListener("htmx:afterRequest", resolve, { once: true }));
    form.requestSubmit();
    await done;
  }
  location.reload();
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
  if (event.target.closest("[data-back]")) history.back(); // the form comes back as it was filled in
  if (event.target.closest("[data-run-all]")) runAll();
});

// Signing in gives a new token: forms that were open before, here or in another tab, send the one that is good now.
function token() {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
}

document.addEventListener("submit", (event) => {
  const field = event.target.elements.csrfmiddlewaretoken;
  if (field && token()) field.value = token();
});

document.addEventListener("htmx:configRequest", (event) => {
  const good = token();
  if (!good) return;
  event.detail.headers["x-csrftoken"] = good;
  if (event.detail.parameters.csrfmiddlewaretoken) event.detail.parameters.csrfmiddlewaretoken = good;
});

// A menu that was opened closes by Escape, by a click beside it, and when the focus goes on.
const OPEN = ".bar :is(.group, .person)[open]";

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector(OPEN);
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(OPEN)) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("focusout", (event) => {
  const menu = event.target.closest(OPEN);
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});

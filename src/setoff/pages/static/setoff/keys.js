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

function help() {
  const dialog = document.getElementById("keys");
  const list = dialog?.querySelector("dl");
  if (!list) return;
  list.replaceChildren();
  for (const element of document.querySelectorAll("[data-key]")) {
    const term = document.createElement("dt");
    for (const key of element.dataset.key.split(" ")) {
      const cap = document.createElement("kbd");
      cap.textContent = key;
      term.append(cap, " ");
    }
    const meaning = document.createElement("dd");
    meaning.textContent = element.dataset.keyText || element.getAttribute("aria-label") || element.textContent.trim();
    list.append(term, meaning);
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
  const known = [...document.querySelectorAll("[data-key]")].filter(shown);
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

// The form of an application: below each field it says how the entry is read, while one types.
// A pasted row of a spreadsheet fills the fields. Enter scores from a list, too. The focus never moves.
(() => {
  const form = document.querySelector("form[data-score]");
  if (!form) return;
  const PAUSE = 400; // milliseconds without a key
  const pasted = document.getElementById("pasted");
  const typed = new Set(); // names of fields; what the page says of the others stays
  let timer = 0;
  let underway = new AbortController();

  function send(address, entries) {
    underway.abort();
    underway = new AbortController();
    // A session that has ended leads to the sign-in page, which says nothing about an entry.
    return fetch(address, { method: "POST", body: entries, redirect: "error", signal: underway.signal });
  }

  function say(field, words) {
    const place = document.getElementById(`${field.id}_said`);
    if (!place || place.innerHTML === words) return; // a screen reader would read it again
    place.innerHTML = words;
    const isFault = place.querySelector(".fault") !== null;
    field.classList.toggle("is-invalid", isFault);
    if (isFault) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }

  async function wordsOf(reply) {
    if (!reply.ok) throw new Error(reply.status);
    const page = document.createElement("template");
    page.innerHTML = await reply.text();
    return page.content;
  }

  async function check() {
    let words;
    try {
      words = await wordsOf(await send(form.dataset.check, new FormData(form)));
    } catch {
      return; // a newer check is underway, or the site does not answer: scoring will say so
    }
    for (const field of form.elements) {
      const said = words.querySelector(`[data-said="${CSS.escape(field.id)}_said"]`);
      if (field.id && (said || typed.has(field.name))) say(field, said?.innerHTML ?? "");
    }
  }

  form.addEventListener("input", (event) => {
    if (event.target !== form) pasted.replaceChildren(); // what is typed now can no longer be undone
    const fields = event.target === form ? form.elements : [event.target];
    for (const field of fields) if (field.name) typed.add(field.name);
    clearTimeout(timer);
    timer = setTimeout(check, PAUSE);
  });

  let before = []; // the fields that a row filled, with what they held
  let back = form; // the field into which it was pasted

  function fill(entries) {
    before = entries.map(([field]) => [field, field.value]);
    for (const [field, value] of entries) field.value = value;
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  async function paste(text) {
    const entries = new FormData(form);
    entries.set("pasted", text);
    try {
      const reply = await send(form.dataset.paste, entries);
      if (!reply.ok && reply.status !== 422) throw new Error(reply.status);
      pasted.innerHTML = await reply.text();
      const filled = [...pasted.querySelectorAll("[data-entry]")];
      const known = filled.filter((one) => form.elements[one.dataset.entry]);
      if (known.length) fill(known.map((one) => [form.elements[one.dataset.entry], one.value]));
    } catch {
      pasted.textContent = pasted.dataset.failed;
    }
  }

  form.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!text.trim().includes("\t")) return;
    event.preventDefault();
    back = event.target;
    paste(text);
  });

  pasted.addEventListener("click", (event) => {
    const undo = event.target.closest("[data-paste-undo]");
    if (!undo && !event.target.closest("[data-paste-close]")) return;
    pasted.replaceChildren();
    back.focus();
    if (undo) fill(before);
  });

  form.addEventListener("keydown", (event) => {
    const isChoosing = !CSS.supports("selector(:open)") || event.target.matches(":open");
    if (event.key !== "Enter" || event.target.tagName !== "SELECT" || isChoosing) return;
    const button = form.querySelector("button[type=submit]");
    if (!button) return;
    event.preventDefault();
    form.requestSubmit(button);
  });
})();

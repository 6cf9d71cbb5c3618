// Keeps the entries of a form marked data-keep in this tab, until the site has taken them, the user discards
// them, or another user signs in. A session that ends or a page that is left loses no work.
// Passwords, files and hidden fields are never kept. data-keep="sign-in": restore only after signing in again.
(() => {
  const PREFIX = "loansite:typed:";
  const UNKEPT = ["hidden", "password", "file", "submit", "button", "reset", "image"];
  const TAKEN = /(?:^|; )loansite_taken=([^;]*)/; // the address of the form that the site took last

  let store;
  // The user signed out, perhaps in another tab. A page that is left tells a change of its last field: until
  // somebody types again, nothing is kept.
  let forgotten = false;
  try {
    store = window.sessionStorage;
  } catch {
    return; // the browser does not allow storage
  }

  const user = document.querySelector("meta[name=loansite-user]")?.content; // none on an error page, "" signed out
  const keys = () => Object.keys(store).filter((key) => key.startsWith(PREFIX));
  const read = (key) => JSON.parse(store.getItem(key) ?? "null");
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

  function write(key, typed) {
    try {
      store.setItem(key, JSON.stringify(typed));
    } catch {
      store.removeItem(key); // storage is full: older entries must not be restored as the newest
    }
  }

  function keyOf(form) {
    const address = new URL(form.getAttribute("action"), location.href);
    return PREFIX + address.pathname + address.search;
  }

  const ticked = (field) => field.type === "radio" || field.type === "checkbox";
  const fieldsOf = (form) =>
    [...form.querySelectorAll("input, select, textarea")].filter((field) => field.name && !UNKEPT.includes(field.type));
  const idOf = (field) => (ticked(field) ? `${field.name}=${field.value}` : field.name);
  const entered = (field) => (ticked(field) ? field.checked : field.value);

  function shown(field) {
    if (ticked(field)) return field.defaultChecked;
    if (field.tagName !== "SELECT") return field.defaultValue;
    return ([...field.options].find((option) => option.defaultSelected) ?? field.options[0])?.value;
  }

  const values = (form, of) => Object.fromEntries(fieldsOf(form).map((field) => [idOf(field), of(field)]));

  function keep(form, more = {}) {
    if (forgotten) return;
    const key = keyOf(form);
    const before = read(key);
    const typed = values(form, entered);
    const first = before?.first ?? values(form, shown);
    if (same(typed, first)) store.removeItem(key);
    else write(key, { user, first, typed, ...more });
  }

  // Delete entries that the site took, and those of another user.
  function settle() {
    const taken = document.cookie.match(TAKEN)?.[1];
    for (const key of keys()) {
      const kept = read(key);
      if (user && kept.user !== user) store.removeItem(key);
      else if (kept.sent && PREFIX + decodeURIComponent(taken ?? "") === key) {
        store.removeItem(key);
        document.cookie = "loansite_taken=; Path=/; Max-Age=0; SameSite=Lax";
      } else write(key, { ...kept, sent: false, stopped: kept.stopped || !user });
    }
    if (keys().length) document.querySelectorAll("[data-kept-here]").forEach((words) => (words.hidden = false));
  }

  function say(form, what) {
    for (const name of ["back", "offered"]) {
      const words = form.querySelector(`[data-kept-${name}]`);
      if (words) words.hidden = name !== what;
    }
    if (what) form.closest("details")?.setAttribute("open", "");
  }

  function fill(form, typed) {
    for (const field of fieldsOf(form)) {
      const value = typed[idOf(field)];
      if (value === undefined) continue;
      if (ticked(field)) field.checked = value;
      else field.value = value;
    }
    say(form, "back");
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // data-keep-from: earlier addresses of the form, such as those of an application's earlier predictions.
  function takeOver(form) {
    const key = keyOf(form);
    const before = (form.dataset.keepFrom ?? "").split(" ").map((address) => PREFIX + address);
    const found = before.find((other) => read(other));
    if (read(key) || !found) return;
    write(key, read(found));
    store.removeItem(found);
  }

  function putBack(form) {
    takeOver(form);
    const key = keyOf(form);
    const kept = read(key);
    const now = values(form, shown);
    if (!kept || same(kept.typed, now)) return; // refused: the page shows the entries
    if (form.dataset.keep === "sign-in" && !kept.stopped) store.removeItem(key);
    else if (same(kept.first, now)) fill(form, kept.typed);
    else say(form, "offered");
  }

  const keptForm = (event) => event.target.closest?.("form[data-keep]");

  function changed(event) {
    const form = keptForm(event);
    if (form) keep(form);
  }

  function pressed(event) {
    const form = keptForm(event);
    if (!form) return;
    // A link to the form as it is when empty: neither what was typed here nor there comes back.
    const cleared = event.target.closest("[data-kept-clear]");
    if (cleared) [keyOf(form), PREFIX + cleared.pathname].forEach((key) => store.removeItem(key));
    if (event.target.closest("[data-kept-restore]")) fill(form, read(keyOf(form)).typed);
    if (event.target.closest("[data-kept-discard]")) {
      form.reset();
      store.removeItem(keyOf(form));
      say(form, null);
    }
  }

  const otherTabs = new BroadcastChannel("loansite:signed-out");

  function forgetAll() {
    forgotten = true;
    keys().forEach((key) => store.removeItem(key));
  }

  function refused(event) {
    if (keptForm(event)) keep(keptForm(event), { stopped: true });
  }

  function typed(event) {
    forgotten = false;
    changed(event);
  }

  function signedOut() {
    forgetAll();
    otherTabs.postMessage("");
  }

  function sent(event) {
    if (event.target.matches("form.sign-out")) signedOut();
    else if (keptForm(event)) keep(event.target, { sent: true });
  }

  settle();
  otherTabs.addEventListener("message", forgetAll);
  document.addEventListener("input", typed);
  document.addEventListener("change", changed);
  document.addEventListener("click", pressed);
  document.addEventListener("submit", sent);
  document.addEventListener("reset", (event) => keptForm(event) && store.removeItem(keyOf(event.target)));
  document.addEventListener("htmx:responseError", refused);
  // htmx finds its forms in the same event, after this script, and then sees the restored entries.
  document.addEventListener("DOMContentLoaded", () =>
    setTimeout(() => document.querySelectorAll("form[data-keep]").forEach(putBack)),
  );
})();

// If the site does not answer a what-if, the page still shows the previous result: say so, and dim it.
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, () => {
    const stale = document.getElementById("what_if_stale");
    stale.textContent = stale.dataset.failed;
    document.getElementById("what_if_said").textContent = stale.dataset.failed;
  });
}

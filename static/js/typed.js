/* What an agent types beside the talk and has not sent (a note, an emergency, a transfer, hours) stays with its
   conversation, in this tab only: while another one is shown, when the page comes again, when the session ends. It goes
   when it is sent, with « Se déconnecter », and when somebody else signs in here. */
(function () {
  "use strict";
  var root = document.querySelector("[data-agent]"), BY = "by", KEPT = "typed:", FORMS = "#dossier form[method=post]";
  var storage = null;
  try {
    storage = window.sessionStorage;
  } catch (error) { /* A browser that keeps nothing: the page alone remembers. */ }
  if (!root || !storage) return;

  function nameOf(form) { return KEPT + form.getAttribute("action"); }

  function read(name) {
    try {
      return JSON.parse(storage.getItem(name));
    } catch (error) {
      return null;
    }
  }

  function write(name, kept) {
    try {
      storage.setItem(name, JSON.stringify(kept));
    } catch (error) { /* Full: what is on the page stays there. */ }
  }

  function fieldsOf(form) {
    return Array.prototype.filter.call(form.elements, function (field) {
      return field.name && !/^(hidden|submit|button|file|fieldset)$/.test(field.type);
    });
  }

  function isBox(field) { return field.type === "checkbox" || field.type === "radio"; }

  function keep(form) {
    var filled = fieldsOf(form).filter(function (field) { return isBox(field) ? field.checked : field.value; });
    if (!filled.length) return storage.removeItem(nameOf(form));
    write(nameOf(form), { values: filled.map(function (field) { return [field.name, field.value]; }) });
  }

  /* Once: what is folded or emptied by hand afterwards stays so. */
  function restore(form) {
    var kept = read(nameOf(form));
    if (!kept || form.restored) return;
    form.restored = true;
    fieldsOf(form).forEach(function (field) {
      var found = kept.values.filter(function (one) { return one[0] === field.name && (!isBox(field) || one[1] === field.value); })[0];
      if (isBox(field)) field.checked = !!found;
      else field.value = found ? found[1] : "";
      for (var fold = found && field.closest("details"); fold; fold = fold.parentNode.closest("details")) fold.open = true;
    });
  }

  function each(act) { Array.prototype.forEach.call(document.querySelectorAll(FORMS), act); }

  /* A form that comes back with an error holds what was typed: it is the newest. */
  function settle() {
    each(function (form) {
      if (form.querySelector(".error")) keep(form);
      else restore(form);
    });
  }

  /* Nothing of another agent stays; nor what was sent, if this page answers a form that was taken: it came by a
     redirection, from a page of the console. */
  function tidy() {
    var way = performance.getEntriesByType && performance.getEntriesByType("navigation")[0];
    var taken = way && way.type === "navigate" && way.redirectCount && document.referrer.indexOf(location.origin + "/console/") === 0;
    var mine = storage.getItem(BY) === root.getAttribute("data-agent");
    storage.setItem(BY, root.getAttribute("data-agent"));
    Object.keys(storage).filter(function (name) { return /^(typed|tchat:agent):/.test(name); }).forEach(function (name) {
      if (!mine) return storage.removeItem(name);
      if (name.indexOf(KEPT)) return;
      var kept = read(name);
      if (!kept || (kept.sent && taken)) return storage.removeItem(name);
      delete kept.sent;
      write(name, kept);
    });
  }

  tidy();
  settle();
  ["input", "change"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      var form = event.target.form;
      if (form && form.matches(FORMS)) keep(form);
    });
  });
  document.addEventListener("submit", function (event) {
    var kept = event.target.matches(FORMS) && read(nameOf(event.target));
    if (kept) kept.sent = true, write(nameOf(event.target), kept);
  });
  document.addEventListener("htmx:beforeSwap", function (event) {
    var form = event.detail.requestConfig.elt, box = event.detail.target;
    if (form.matches(FORMS) && event.detail.xhr.status < 400 && box !== form) storage.removeItem(nameOf(form));
  });
  document.addEventListener("htmx:afterSettle", settle);
})();

/* The digest of the chosen file, computed here: the file never leaves. Without this file the form sends it. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-verify]");
  if (!form || !window.crypto || !crypto.subtle || !Blob.prototype.arrayBuffer) { return; }
  form.querySelector("[data-local]").hidden = false;
  form.querySelector("[data-sent]").hidden = true;
  form.addEventListener("submit", function (event) {
    var file = form.querySelector("input[type=file]").files[0];
    event.preventDefault();
    if (!file) { return; }
    file.arrayBuffer().then(function (bytes) { return crypto.subtle.digest("SHA-256", bytes); }).then(function (sum) {
      var hex = Array.prototype.map.call(new Uint8Array(sum), function (byte) { return ("0" + byte.toString(16)).slice(-2); });
      window.location.assign(form.action + "?sha256=" + hex.join(""));
    });
  });
})();

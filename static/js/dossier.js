/* Comfort on the dossier pages: copy the keys. Without script the button is not shown. */
(function () {
  "use strict";
  document.querySelectorAll("[data-copy]").forEach(function (button) {
    if (!navigator.clipboard) { return; }
    button.hidden = false;
    button.addEventListener("click", function () {
      var said = document.getElementById(button.dataset.said);
      navigator.clipboard.writeText(button.dataset.copy).then(
        function () { said.textContent = "Copié. Collez-le dans un endroit que vous seul lisez."; },
        function () { said.textContent = "La copie n’a pas marché. Notez le code sur papier."; }
      );
    });
  });
})();

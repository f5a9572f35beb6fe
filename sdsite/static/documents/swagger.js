"use strict";

const page = document.getElementById("swagger-ui");

// Whoever has signed in sends requests by their session, which Django takes with the token of the page alone.
function withCsrfToken(request) {
  if (request.method && !["GET", "HEAD"].includes(request.method.toUpperCase())) {
    request.headers[page.dataset.csrfHeader] = page.dataset.csrfToken;
  }
  return request;
}

// Choices have no names: in the row of a parameter they are its values, elsewhere examples.
new MutationObserver(() => {
  for (const choice of page.querySelectorAll("select:not([aria-label])")) {
    choice.setAttribute("aria-label", choice.closest("tr")?.dataset.paramName ?? "Example");
  }
}).observe(page, { childList: true, subtree: true });

// What it shows has no landmarks, no heading of its second rank, links within buttons, and a choice of one server.
function forEveryone({ React: { createElement } }) {
  const inside = (name) => (Original) => (props) =>
    createElement("section", { "aria-label": name }, createElement(Original, props));
  const below = (heading) => (Original) => (props) =>
    createElement("div", null, createElement("h2", { className: "wrapper" }, heading), createElement(Original, props));
  return {
    wrapComponents: {
      InfoContainer: inside("About this API"),
      AuthorizeBtnContainer: inside("Authorization"),
      operations: below("Operations"),
      ServersContainer: () => () => null,
      // The address follows what is opened all the same.
      DeepLink: () => ({ text }) => createElement("span", null, text),
    },
  };
}

SwaggerUIBundle({
  domNode: page,
  url: page.dataset.schema,
  presets: [SwaggerUIBundle.presets.apis],
  plugins: [forEveryone],
  layout: "BaseLayout",
  deepLinking: true,
  persistAuthorization: true,
  // It would be asked for a badge.
  validatorUrl: null,
  requestInterceptor: withCsrfToken,
});

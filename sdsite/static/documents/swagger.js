"use strict";

const page = document.getElementById("swagger-ui");

// Whoever has signed in sends requests by their session, which Django takes with the token of the page alone.
function withCsrfToken(request) {
  if (request.method && !["GET", "HEAD"].includes(request.method.toUpperCase())) {
    request.headers[page.dataset.csrfHeader] = page.dataset.csrfToken;
  }
  return request;
}

SwaggerUIBundle({
  domNode: page,
  url: page.dataset.schema,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  persistAuthorization: true,
  // It would be asked for a badge.
  validatorUrl: null,
  requestInterceptor: withCsrfToken,
});

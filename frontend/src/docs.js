// The API's description as Swagger UI, from our own server: requests are tried with the reader's own session.
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';

import { csrfToken } from './parts/asking.js';

const place = document.getElementById('swagger');

SwaggerUI({
  url: place.dataset.url,
  domNode: place,
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  validatorUrl: null,
  requestInterceptor: (request) => {
    if (csrfToken() && !request.headers.Authorization) request.headers['X-CSRF-Token'] = csrfToken();
    return request;
  },
});

# One image for every process of an installation: `placet serve`, `events`, `worker`, `relay`, `migrate`.

FROM node:22-bookworm-slim AS frontend
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM python:3.13-slim-bookworm AS python
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv /opt/placet
COPY requirements.lock requirements-dev.lock ./
# The tool that builds the project itself is locked among those for development.
RUN sed -n '/^setuptools==/,/# via/p' requirements-dev.lock >build.lock \
    && /opt/placet/bin/pip install --no-deps --require-hashes -r requirements.lock \
    && /opt/placet/bin/pip install --no-deps --require-hashes -r build.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY rules ./rules
COPY workflows ./workflows
COPY app ./app
COPY tasks ./tasks
COPY --from=frontend /src/app/static/dist ./app/static/dist
RUN if [ -d app/translations ]; then /opt/placet/bin/pybabel compile --directory app/translations; fi \
    && /opt/placet/bin/pip install --no-deps --no-build-isolation . \
    && /opt/placet/bin/pip uninstall --yes setuptools pip
# The licences of all that we use travel with it; without those of the LGPL there is no image.
WORKDIR /opt/placet/lib/python3.13/site-packages
RUN mkdir /licenses \
    && cp --parents -r ./*.dist-info/licenses /licenses/ \
    && test -f "$(echo /licenses/spiffworkflow-*/licenses/COPYING)" \
    && test -f "$(echo /licenses/psycopg-*/licenses/LICENSE.txt)"

FROM python:3.13-slim-bookworm
LABEL org.opencontainers.image.title="Placet" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --system --uid 10001 --home-dir /var/lib/placet --create-home placet \
    && install --directory --owner=placet --mode=0700 /var/lib/placet/audit
COPY --from=python /opt/placet /opt/placet
COPY --from=python /licenses /usr/share/doc/placet
ENV PATH=/opt/placet/bin:$PATH \
    PLACET_VAR=/var/lib/placet \
    PYTHONUNBUFFERED=1
USER 10001
WORKDIR /var/lib/placet
EXPOSE 8000 8001
HEALTHCHECK --interval=15s --timeout=5s --start-period=40s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["placet"]
CMD ["serve", "--host", "0.0.0.0"]

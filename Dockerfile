# Two images: `app` for web, streams (without an edge), relay, worker, beat and migrate, and `edge` for
# the edge and its shards:  docker build --target app .   docker build --target edge .

# What browsers get, the translations and the static files, made with the development packages.
FROM python:3.12-slim-bookworm AS build
WORKDIR /src
COPY requirements-dev.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements-dev.txt
COPY . .
RUN python -m embedded build \
    && SECRET_KEY=none DATABASE_URL=postgres://none@none/none REDIS_URL=redis://none \
       CELERY_BROKER_URL=redis://none STATIC_ROOT=build/static python manage.py collectstatic --no-input \
    && rm -rf embedded bench tools node_modules deploy requirements* package* tsconfig.json .npmrc \
    && python -m compileall -q .

# What production runs, and nothing else.
FROM python:3.12-slim-bookworm AS packages
WORKDIR /src
COPY requirements.txt ./
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM python:3.12-slim-bookworm AS app
LABEL org.opencontainers.image.title="waitlessq"
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=waitlessq.settings
WORKDIR /app
COPY --from=packages /venv /venv
COPY --from=build /src /app
# Its root is read-only: it writes to /tmp and to the folder of the apps alone.
USER 10001:10001
EXPOSE 8000
CMD ["gunicorn", "waitlessq.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--no-control-socket"]

FROM debian:bookworm-slim AS edge
LABEL org.opencontainers.image.title="waitlessq-edge"
# Debian keeps one version of a release, with its security fixes.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends nginx-light libnginx-mod-nchan \
    && rm -rf /var/lib/apt/lists/*
COPY deploy/nginx /etc/waitlessq-edge
USER 10001:10001
EXPOSE 8080 8443
# Lets requests finish; streams end within 5 s.
STOPSIGNAL SIGQUIT
CMD ["nginx", "-p", "/run/edge", "-c", "/etc/waitlessq-edge/edge.conf"]

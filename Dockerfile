# The service as an image: docker build --tag chatsvc .
# The tag moves with fixes of Python and Debian. For builds that repeat to the bit, add the digest to this one line.
FROM python:3.13-slim-trixie AS base

FROM base AS build
WORKDIR /src
# The tools of the build have a venv of their own: none of them comes along.
COPY requirements/build.lock requirements/run.lock requirements/
RUN python3 -m venv /opt/build \
    && /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements/build.lock
# Wheels alone: nothing is compiled, and no package runs code of its own while it is installed.
RUN python3 -m venv --without-pip /opt/chatsvc \
    && /opt/build/bin/pip --python /opt/chatsvc/bin/python install --no-cache-dir --no-compile \
        --only-binary :all: --require-hashes -r requirements/run.lock
# After the dependencies, so that a change of the code does not install them again.
COPY pyproject.toml README.md ./
COPY src src
COPY migrations migrations
RUN /opt/build/bin/pip wheel --no-cache-dir --no-build-isolation --no-deps --no-index --wheel-dir /wheels . \
    && /opt/build/bin/pip --python /opt/chatsvc/bin/python install --no-cache-dir --no-compile \
        --no-deps --no-index /wheels/*.whl \
    # The root may be read-only when it runs. Unchecked: times change when files are copied between stages.
    && PYTHONWARNINGS=ignore /opt/chatsvc/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/chatsvc/lib

FROM base
# A number, so that an orchestrator sees that it is not root; fixed, so that volumes keep their owner.
RUN groupadd --gid 10001 chatsvc \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin chatsvc \
    && install --directory --owner 10001 --group 10001 --mode 0700 /data
COPY --from=build /opt/chatsvc /opt/chatsvc
ENV PATH=/opt/chatsvc/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    CHATSVC_ENV=production \
    CHATSVC_HOST=0.0.0.0 \
    CHATSVC_DATA_DIR=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
# Liveness alone: a database that is away is not mended by a restart. HTTP_PROXY must not catch it: no handlers.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:' + os.environ.get('CHATSVC_PORT', '8000') + '/healthz', timeout=2)"]
CMD ["chatsvc", "serve"]
# Last, so that a new version throws no layer away:
# docker build --build-arg VERSION="$(chatsvc version)" --build-arg REVISION="$(git rev-parse HEAD)" .
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="chatsvc" \
      org.opencontainers.image.description="A chat backend for offline-first messengers: ordered, exactly-once, on SQLite or Postgres" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"

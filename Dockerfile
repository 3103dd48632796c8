# The service alone. It needs DATABASE_URL and ACTIONBUS_SIGNING_KEY, and says so; see docs/deployment.md.
# With --build-arg EXTRA="celery elasticsearch" it can use a broker and a search engine, too.
FROM python:3.11-slim AS build
WORKDIR /app
ARG EXTRA
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
COPY pyproject.toml uv.lock ./
RUN pip install --no-cache-dir "uv==$(sed -n '/^name = "uv"$/{n;s/version = "\(.*\)"/\1/p;}' uv.lock)" \
    && uv sync --frozen --no-dev $(for each in $EXTRA; do echo --extra $each; done) --no-install-project
COPY . .
RUN uv sync --frozen --no-dev $(for each in $EXTRA; do echo --extra $each; done)

FROM python:3.11-slim
RUN useradd --system --uid 10001 actionbus && install --directory --owner=actionbus --mode=0700 /data
COPY --from=build /app /app
ENV PATH="/app/.venv/bin:$PATH" ACTIONBUS_HOST=0.0.0.0 ACTIONBUS_DATA=/data
USER actionbus
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s \
    CMD ["python", "-c", "import os, urllib.request as http; http.urlopen(f\"http://127.0.0.1:{os.environ.get('ACTIONBUS_PORT', 8000)}/health/ready\", timeout=4)"]
ENTRYPOINT ["actionbus"]
CMD ["serve"]

# Two images of one service: `web` answers and has no torch, `gpu` draws (and can answer as well).
#   docker build --target web --tag sdsite-web .
#   docker build --target gpu --tag sdsite-gpu .

FROM python:3.12-slim-trixie AS base
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PATH=/opt/venv/bin:$PATH DATA_DIR=/data HOST=0.0.0.0
# pg_dump and pg_restore, of the database's version, for `manage.py backup` and `restore`.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client-17 \
    && rm -rf /var/lib/apt/lists/*
# The same number in both images and on every machine, because they share the folder of pictures.
RUN useradd --uid 10001 --no-create-home --home-dir /data service \
    && install --directory --owner=service --group=service --mode=0700 /data
WORKDIR /srv/sdsite

FROM base AS web-packages
RUN python -m venv /opt/venv
COPY requirements-web.txt .
RUN pip install --no-cache-dir --requirement requirements-web.txt

FROM base AS gpu-packages
RUN python -m venv /opt/venv
COPY requirements.txt .
# The wheels of torch bring CUDA along; the machine brings its driver.
RUN pip install --no-cache-dir --requirement requirements.txt

FROM base AS web
COPY --from=web-packages /opt/venv /opt/venv
COPY . .
USER service
VOLUME /data
EXPOSE 8000
CMD ["gunicorn"]

FROM base AS gpu
COPY --from=gpu-packages /opt/venv /opt/venv
COPY . .
USER service
VOLUME /data
CMD ["celery", "--app", "sdsite", "worker", "--pool", "threads"]

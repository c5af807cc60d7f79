# The web server, the worker and the beat are one image with three commands (docker-compose.yml).
# x86-64 only: that is what the face engine's wheel is built for.
FROM python:3.12-slim-trixie AS build

ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY requirements/production.txt /tmp/requirements.txt
RUN pip install --require-hashes --requirement /tmp/requirements.txt

WORKDIR /srv/homeward
COPY . .
# Production settings want secrets even for gathering files; these live for one command only.
RUN python -m compileall -q . \
    && python manage.py catalogues compile \
    && HOMEWARD_ENV=production \
       ALLOWED_HOSTS=localhost \
       SITE_ADDRESS=https://localhost \
       DATABASE_URL=postgresql://unused/unused \
       CELERY_BROKER_URL=amqp://unused \
       LIMITS_URL=redis://unused \
       SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(48))')" \
       FIELD_KEYS="$(python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())')" \
       python manage.py collectstatic --noinput


FROM python:3.12-slim-trixie

LABEL org.opencontainers.image.title="Homeward" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --uid 10001 --no-create-home --home-dir /var/lib/homeward --shell /usr/sbin/nologin homeward \
    && install --directory --owner homeward --group homeward --mode 0700 /var/lib/homeward
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/homeward /srv/homeward

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOMEWARD_ENV=production \
    VAR_DIR=/var/lib/homeward
WORKDIR /srv/homeward
USER 10001:10001
EXPOSE 8000
# No access log: it would keep the addresses of people who report sightings.
CMD ["gunicorn", "casemgr.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--worker-tmp-dir", "/dev/shm"]

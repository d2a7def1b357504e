FROM python:3.12-slim
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1
WORKDIR /srv/guichet
COPY requirements/base.txt requirements/base.txt
RUN pip install --require-hashes -r requirements/base.txt
COPY . .
# Static files are gathered once, in the image: hashed names, compressed. The values are for this step only.
ENV GUICHET_STATIC_ROOT=/srv/static
RUN GUICHET_PRODUCTION=1 GUICHET_VAR_DIR=/tmp/build GUICHET_SECRET_KEY=build-step-only python manage.py collectstatic --noinput \
    && useradd --system --uid 10001 guichet && mkdir -p /var/lib/guichet && chown guichet /var/lib/guichet
USER guichet
CMD ["gunicorn", "guichet.wsgi:application", "--bind", "0.0.0.0:8001"]

#!/bin/sh
# Runs once on an empty cluster. The application's role is neither owner nor superuser, so that
# row-level security holds for it.
set -eu

psql --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" \
    --set=owner_password="$PLACET_OWNER_PASSWORD" --set=app_password="$PLACET_APP_PASSWORD" <<'SQL'
create role placet_owner login nosuperuser nobypassrls password :'owner_password';
create role placet_app login nosuperuser nobypassrls password :'app_password';
create database placet owner placet_owner;
SQL
